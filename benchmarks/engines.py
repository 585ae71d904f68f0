"""The speech recognisers to compare: ours, and the library that publishes the same weights.

Each class is used inside a process of its own (`engine_process`), so that neither's memory or
threads count towards the other. Nothing is imported before the engine that needs it is loaded.
"""

from pathlib import Path
from typing import Protocol


class EngineUnavailable(Exception):
    """The engine cannot run on this machine; the text says what to do about it."""


class TranscriptionRefused(Exception):
    """The engine runs, and could not transcribe this file."""


class Engine(Protocol):
    """What is measured: a file in, words out. Raises TranscriptionRefused."""

    def transcribe(self, path: Path) -> str: ...

    def close(self) -> None: ...


class Earshot:
    """Our pipeline as `earshot transcribe` runs it: isolated decoding, word times and all."""

    def __init__(self) -> None:
        from earshot.settings import load_settings
        from earshot.wiring.models import load_stages

        self._stages = load_stages(load_settings())

    def transcribe(self, path: Path) -> str:
        from earshot.errors import EarshotError
        from earshot.pipeline.offline import transcribe_file
        from earshot.transcript.options import TranscriptOptions

        try:
            return transcribe_file(path, TranscriptOptions(), self._stages).text
        except EarshotError as error:
            raise TranscriptionRefused(str(error)) from error

    def close(self) -> None:
        self._stages.decoder.close()


class MoonshineLibrary:
    """`moonshine_voice.Transcriber.transcribe_without_streaming` with its defaults.

    It takes samples, not files: these are decoded by PyAV right here, faster than by our own
    isolated decoder. Its `Transcriber` is imported without the package's microphone module, which
    would want PortAudio.
    """

    def __init__(self) -> None:
        try:
            from moonshine_voice.moonshine_api import ModelArch
            from moonshine_voice.transcriber import Transcriber
            from moonshine_voice.utils import get_assets_path
        except (ImportError, OSError) as error:
            raise EngineUnavailable(
                f"moonshine_voice cannot be imported ({error}). It needs Linux with glibc >= 2.34, "
                "macOS 15 on arm64 or Windows x64; if PortAudio is missing, install it "
                "(Debian: apt-get install libportaudio2)."
            ) from error
        folder = Path(get_assets_path()) / "tiny-en"
        self._transcriber = Transcriber(str(folder), ModelArch.TINY)

    def transcribe(self, path: Path) -> str:
        from moonshine_voice.errors import MoonshineError

        from benchmarks.recordings import decode_pcm
        from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE

        samples = (decode_pcm(path) / PCM16_SCALE).tolist()
        try:
            transcript = self._transcriber.transcribe_without_streaming(samples, SAMPLE_RATE)
        except MoonshineError as error:
            raise TranscriptionRefused(str(error)) from error
        return " ".join(line.text for line in transcript.lines)

    def close(self) -> None:
        self._transcriber.close()


OURS = "Earshot"
PEER = "Moonshine library"
ENGINES: dict[str, type[Engine]] = {OURS: Earshot, PEER: MoonshineLibrary}
