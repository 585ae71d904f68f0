import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from earshot.cli.listen import Microphone
from earshot.errors import DeviceUnusable, ExtraMissing


class SoundDevice(ModuleType):
    """The package without a sound card: `speak` is what a microphone would record."""

    PortAudioError = OSError

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.opened: dict[str, Any] = {}
        self.is_closed = False

    def RawInputStream(self, **options: Any) -> "SoundDevice":  # noqa: ANN401, N802 - theirs
        if options["device"] == "none":
            raise ValueError("No input device matching 'none'")
        self.opened = options
        return self

    def start(self) -> None:
        self.speak(b"\1\0" * 1600)

    def close(self) -> None:
        self.is_closed = True

    def speak(self, pcm: bytes) -> None:
        callback: Callable[..., None] = self.opened["callback"]
        callback(memoryview(pcm), 1600, None, None)


@pytest.fixture
def sounds(monkeypatch: pytest.MonkeyPatch) -> SoundDevice:
    module = SoundDevice()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def test_what_is_spoken_comes_in_chunks_until_the_end(sounds: SoundDevice) -> None:
    with Microphone(None) as microphone:
        chunks = microphone.chunks()
        assert next(chunks) == b"\1\0" * 1600
        sounds.speak(b"\2\0" * 1600)
        assert next(chunks) == b"\2\0" * 1600
        microphone.end()
        assert list(chunks) == []
    assert sounds.is_closed
    assert (sounds.opened["samplerate"], sounds.opened["dtype"]) == (16_000, "int16")


def test_without_the_extra_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ExtraMissing, match="mic"):
        Microphone(None)


def test_a_microphone_that_is_not_there_is_told(sounds: SoundDevice) -> None:
    assert sounds.opened == {}
    with pytest.raises(DeviceUnusable, match="No input device matching"):
        Microphone("none")


def test_without_the_library_of_the_system_the_package_that_brings_it_is_named_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = tmp_path / "sounddevice.py"
    module.write_text("raise OSError('PortAudio library not found')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(DeviceUnusable, match=r"not found.*libportaudio2") as refused:
        Microphone(None)
    assert refused.value.__cause__ is None  # the command line would print it, too
