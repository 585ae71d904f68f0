"""`earshot stream`: a recording sent to a running server as if it were being spoken."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from earshot.audio.decode import Decoder
from earshot.cli.live_client import LiveClient, Screen, paced
from earshot.cli.options import ConfigOption, KeytermsOption
from earshot.errors import NoAnswer
from earshot.settings import Settings, load_settings

UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="Server; default: http://127.0.0.1 and EARSHOT_PORT."),
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", help="API key; default: the one in the data folder's `first-key`."),
]
SpeakersOption = Annotated[
    bool, typer.Option("--speakers", help="Tell speakers apart: `A:`, `B:` before each turn.")
]


def stream(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A recording of any format.", exists=True, dir_okay=False
        ),
    ],
    url: UrlOption = None,
    key: KeyOption = None,
    keyterms: KeytermsOption = None,
    speakers: SpeakersOption = False,
    config: ConfigOption = None,
) -> None:
    """Send a recording to a running server as fast as it was spoken, and show the words live.

    Words that may still change are grey, turns that have ended white; the last line tells how long
    after they were spoken words were shown.

    Example: `earshot stream interview.mp3`
    """
    settings = load_settings(config=config)
    client = open_client(settings, url, key, keyterms, tells_speakers=speakers)
    chunks = paced(_decode(source, settings), time.monotonic, time.sleep)
    hold(client, chunks)


def open_client(
    settings: Settings,
    url: str | None,
    key: str | None,
    keyterms: list[str] | None,
    *,
    tells_speakers: bool,
) -> LiveClient:
    """A client of the server that is asked for, or of the one on this machine."""
    secret = key if key is not None else _first_key(settings)
    parameters = {"keyterms_prompt": json.dumps(keyterms)} if keyterms else {}
    if tells_speakers:
        parameters["speaker_labels"] = "true"
    return LiveClient(url or f"http://127.0.0.1:{settings.port}", secret, parameters)


def hold(client: LiveClient, chunks: Iterator[bytes]) -> None:
    """Hold the session, show it, and tell at last how quick it was."""
    console = Console(highlight=False, soft_wrap=True)
    with Screen(console) as screen:
        client.hold(chunks, screen.show)
    Console(stderr=True, highlight=False).print(client.latency.summary(), style="bright_black")


def _first_key(settings: Settings) -> str:
    path = settings.data / "first-key"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise NoAnswer(f"no key: there is no {path}; give one with --key") from None


def _decode(source: Path, settings: Settings) -> Iterator[bytes]:
    decoder = Decoder(settings.decoding)
    try:
        with decoder.open(source) as media:
            for block in media:
                yield block[0].astype("<i2").tobytes()
    finally:
        decoder.close()


def register(app: typer.Typer) -> None:
    app.command()(stream)
