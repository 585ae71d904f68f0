"""`earshot listen`: the microphone, sent to a running server while somebody speaks."""

import queue
import signal
import threading
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from earshot.audio.waveform import SAMPLE_RATE
from earshot.cli.live_client import CHUNK_SAMPLES
from earshot.cli.options import ConfigOption, KeytermsOption
from earshot.cli.stream import (
    KeyOption,
    SpeakersOption,
    UrlOption,
    hold,
    open_client,
)
from earshot.errors import DeviceUnusable, ExtraMissing
from earshot.settings import load_settings


def listen(
    device: Annotated[
        str | None,
        typer.Option("--device", help="Microphone, by number or name; default: the system's."),
    ] = None,
    url: UrlOption = None,
    key: KeyOption = None,
    keyterms: KeytermsOption = None,
    speakers: SpeakersOption = False,
    config: ConfigOption = None,
) -> None:
    """Listen to the microphone and show the words as they are spoken; Ctrl-C ends it.

    Needs the extra `mic`; in the folder with Earshot's source:
    `.venv/bin/pip install -e '.[mic]'`. On Debian and Ubuntu it needs `libportaudio2`, too.

    Example: `earshot listen`
    """
    settings = load_settings(config=config)
    client = open_client(settings, url, key, keyterms, tells_speakers=speakers)
    microphone = Microphone(int(device) if device and device.isdecimal() else device)
    signal.signal(signal.SIGINT, lambda *_: microphone.end())  # the last words are still shown
    with microphone:
        hold(client, microphone.chunks())


class Microphone:
    """Chunks of 100 ms, 16-bit mono at 16 kHz, from a sound device, until Ctrl-C."""

    def __init__(self, device: int | str | None) -> None:
        """Raises ExtraMissing without the package, DeviceUnusable without a microphone."""
        self._recorded: queue.Queue[bytes] = queue.Queue()
        self._ended = threading.Event()
        try:
            import sounddevice  # type: ignore[import-untyped]  # it has no types
        except ImportError:
            raise ExtraMissing("mic", "sounddevice") from None
        except OSError as error:  # the library of the system that it needs
            raise DeviceUnusable(
                f"the microphone cannot be reached: {error}. On Debian and Ubuntu, the package "
                "libportaudio2 brings it: sudo apt install libportaudio2"
            ) from None
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=SAMPLE_RATE,
                blocksize=CHUNK_SAMPLES,
                device=device,
                channels=1,
                dtype="int16",
                callback=self._keep,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceUnusable(f"no microphone: {error}") from None

    def __enter__(self) -> "Microphone":
        self._stream.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._stream.close()

    def end(self) -> None:
        """There are no more chunks than those recorded so far."""
        self._ended.set()

    def chunks(self) -> Iterator[bytes]:
        """What is recorded, until the microphone is closed."""
        while not self._ended.is_set():
            try:
                yield self._recorded.get(timeout=1.0)
            except queue.Empty:
                continue

    def _keep(self, recorded: Any, *_: object) -> None:  # noqa: ANN401 - a C buffer
        self._recorded.put(bytes(recorded))


def register(app: typer.Typer) -> None:
    app.command()(listen)
