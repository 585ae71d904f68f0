"""A live session from the client's side, for `stream` and `listen`: sends audio, shows words."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

from rich.console import Console
from rich.live import Live
from rich.text import Text
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidURI
from websockets.sync.client import ClientConnection, connect

from earshot.audio.waveform import SAMPLE_RATE
from earshot.errors import LiveSessionRefused, NoAnswer

CHUNK_SAMPLES: Final = SAMPLE_RATE // 10  # 100 ms
BYTES_PER_SAMPLE: Final = 2
CHUNK_BYTES: Final = BYTES_PER_SAMPLE * CHUNK_SAMPLES
NORMAL_CLOSE: Final = 1000
# The compatible API has these words in its errors, and so has ours on the wire.
_OF_THE_LIBRARY: Final = "Value error, "

Message = dict[str, Any]


class Screen:
    """Shows a session: words that may change in grey, those of turns that have ended in white."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=10, transient=True)

    def __enter__(self) -> "Screen":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, message: Message) -> None:
        """Show a turn, or, at the end, those that are somebody else's than was shown."""
        if message.get("type") == "SpeakerRevision":
            for revision in message["revisions"]:
                self._show_revision(revision)
        else:
            self._show_turn(message)

    def _show_turn(self, turn: Message) -> None:
        text = " ".join(word["text"] for word in turn["words"])
        if not turn["end_of_turn"]:
            self._live.update(Text(text, style="bright_black"))
        elif turn["turn_is_formatted"]:
            self._live.update(Text(""))
            speaker = f"{turn['speaker_label']}: " if "speaker_label" in turn else ""
            self._console.print(Text(speaker + text, style="white"))

    def _show_revision(self, revision: Message) -> None:
        text = " ".join(word["text"] for word in revision["words"])
        label = f"turn {revision['turn_order'] + 1} was {revision['speaker_label']}: "
        self._console.print(Text(label + text, style="bright_black"))


@dataclass(slots=True)
class LatencyLog:
    """How long after a word was spoken it was first told, and first told as final.

    `began_s` is when the first sample was spoken, by the clock that tells when messages come.
    """

    began_s: float | None = None
    first_ms: dict[tuple[int, int], float] = field(default_factory=dict)
    final_ms: dict[tuple[int, int], float] = field(default_factory=dict)

    def note(self, turn: Message, now_s: float) -> None:
        """Take note of every word of the turn that is new, or newly final."""
        if self.began_s is None:
            return
        for index, word in enumerate(turn["words"]):
            place = (turn["turn_order"], index)
            late_ms = 1000 * (now_s - self.began_s) - word["end"]
            self.first_ms.setdefault(place, late_ms)
            if word["word_is_final"]:
                self.final_ms.setdefault(place, late_ms)

    def summary(self) -> str:
        """One line; empty where there were no words."""
        if not self.final_ms:
            return ""
        first, final = (median(log.values()) for log in (self.first_ms, self.final_ms))
        return (
            f"{len(self.final_ms)} words; half of them shown within {first:.0f} ms of being "
            f"spoken, and final within {final:.0f} ms"
        )


class LiveClient:
    """One session with a running server."""

    def __init__(self, url: str, key: str, parameters: Mapping[str, str]) -> None:
        base = url.rstrip("/").replace("http", "ws", 1)
        query = urlencode({"sample_rate": SAMPLE_RATE, "format_turns": "true", **parameters})
        self._url = f"{base}/v3/ws?{query}"
        self._key = key
        self._failure: Exception | None = None
        self.latency = LatencyLog()

    def hold(self, chunks: Iterator[bytes], show: Callable[[Message], None]) -> None:
        """Send the chunks as they come, and show what is told; returns when the session has ended.

        Raises NoAnswer, LiveSessionRefused with the server's own words, or what the chunks raise.
        """
        try:
            with connect(self._url, additional_headers={"Authorization": self._key}) as socket:
                sender = threading.Thread(target=self._send, args=(socket, chunks), daemon=True)
                self._read(socket, sender, show)
        except (OSError, InvalidHandshake, InvalidMessage, ssl.SSLError) as error:
            raise NoAnswer(f"no server answers at {self._url.split('?')[0]}: {error}") from error
        except InvalidURI:
            raise NoAnswer(f"{self._url.split('/v3/ws')[0]} is no URL of a server") from None
        if self._failure is not None:
            raise self._failure

    def _send(self, socket: ClientConnection, chunks: Iterator[bytes]) -> None:
        try:
            for chunk in chunks:
                if self.latency.began_s is None:  # a chunk is there when its last sample is
                    chunk_s = len(chunk) / (BYTES_PER_SAMPLE * SAMPLE_RATE)
                    self.latency.began_s = time.monotonic() - chunk_s
                socket.send(chunk)
            socket.send(json.dumps({"type": "Terminate"}))
        except ConnectionClosed:
            return  # the reader tells why
        except Exception as failure:  # noqa: BLE001 - `hold` raises it again, on its own thread
            self._failure = failure
            socket.close()

    def _read(
        self, socket: ClientConnection, sender: threading.Thread, show: Callable[[Message], None]
    ) -> None:
        try:
            while True:
                message = json.loads(socket.recv())
                match message["type"]:
                    case "Begin":
                        sender.start()
                    case "Turn":
                        self.latency.note(message, time.monotonic())
                        show(message)
                    case "SpeakerRevision":
                        show(message)
                    case "Error":
                        raise LiveSessionRefused(_plain(message["error"]))
                    case _:
                        pass
        except ConnectionClosed as closed:
            if self._failure is not None:
                return  # we closed it
            if closed.rcvd is None or closed.rcvd.code != NORMAL_CLOSE:
                reason = closed.rcvd.reason if closed.rcvd else "the server is gone"
                raise LiveSessionRefused(_plain(reason)) from closed


def _plain(reason: str) -> str:
    """What a server says against an option, without what its validator's library puts before it."""
    return reason.replace(_OF_THE_LIBRARY, "")


def paced(
    pieces: Iterator[bytes], clock_s: Callable[[], float], wait: Callable[[float], None]
) -> Iterator[bytes]:
    """The same bytes in chunks of 100 ms, each when its last sample would have been spoken."""
    began_s = clock_s()
    for number, chunk in enumerate(rechunked(pieces), start=1):
        wait(max(0.0, began_s + number * CHUNK_SAMPLES / SAMPLE_RATE - clock_s()))
        yield chunk


def rechunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, 100 ms of them at a time; the last chunk may be shorter."""
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= CHUNK_BYTES:
            yield bytes(kept[:CHUNK_BYTES])
            del kept[:CHUNK_BYTES]
    if kept:
        yield bytes(kept)
