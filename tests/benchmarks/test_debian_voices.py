"""Recordings of packages become clips of one voice; the packages themselves are not needed."""

import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks.debian_voices import (
    DURATIONS_S,
    Voice,
    find_voices,
    join_words,
    record_voices,
    trim_silence,
)
from benchmarks.recordings import decode_pcm, write_wav
from earshot.audio.waveform import SAMPLE_RATE


def say(path: Path, level: int) -> Path:
    """One second of a tone, between half seconds of silence."""
    tone = level * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    silence = np.zeros(SAMPLE_RATE // 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, [np.concatenate([silence, tone, silence]).astype(np.int16)])


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("asterisk-core-sounds-es-g722/usr/sounds/es_MX_f_Allison/digits/1.g722", "es"),
        ("asterisk-core-sounds-es-g722/usr/sounds/es_MX_f_Allison/letters/a.g722", None),
        ("asterisk-prompt-it-menardi-wav/usr/sounds/it_IT_f_Menardi/goodbye.wav", "it"),
        ("asterisk-prompt-it-menardi-wav/usr/sounds/it_IT_f_Menardi/silence/1.wav", None),
        ("hedgewars-data/usr/Sounds/voices/Default_pl/Hello.ogg", "pl"),
        ("hedgewars-data/usr/Sounds/voices/British/Hello.ogg", "en"),
        ("hedgewars-data/usr/Sounds/voices/Singer/Hello.ogg", None),
        ("ktuberling-data/usr/sounds/sr@latin/hat.wav", "sr"),
        ("qabcs-data/usr/abcs/en_gb/sounds/words/tap.ogg", "en"),
        ("tuxpaint-stamps-default/usr/stamps/animals/birds/kiwi_desc.ogg", "en"),
        ("tuxpaint-stamps-default/usr/stamps/animals/birds/kiwi_desc_bg.ogg", "bg"),
        ("tuxpaint-stamps-default/usr/stamps/animals/birds/kiwi.ogg", None),
        ("tuxpaint-stamps-default/usr/stamps/symbols/math/7_zh_tw.ogg", "zh"),
    ],
)
def test_a_file_s_place_tells_its_language(path: str, language: str | None, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.touch()
    found = [(voice.package, voice.language, voice.files) for voice in find_voices(tmp_path)]
    assert found == ([] if language is None else [(path.split("/")[0], language, (file,))])


def test_clips_are_the_same_every_time(tmp_path: Path) -> None:
    files = tuple(say(tmp_path / f"{number}.wav", 3000 * (number + 1)) for number in range(8))
    voices = [Voice("a-package", "en", files)]

    def record(name: str) -> list[bytes]:
        (tmp_path / name).mkdir()
        return [path.read_bytes() for path, _ in record_voices(voices, tmp_path / name)]

    clips = record("first")

    assert len(clips) == 4
    assert len(set(clips)) > 1
    assert record("second") == clips


def test_a_clip_is_as_long_as_was_drawn_and_not_clipped(tmp_path: Path) -> None:
    files = [say(tmp_path / f"{number}.wav", 300) for number in range(20)]
    clip = join_words(files, random.Random(1))
    wanted_s = random.Random(1).choice(DURATIONS_S)
    assert wanted_s <= len(clip) / SAMPLE_RATE < wanted_s + 1.6
    assert 0.29 < np.abs(clip.astype(int)).max() / 32767 < 0.91


def test_words_too_short_or_too_long_are_left_out(tmp_path: Path) -> None:
    blip = write_wav(tmp_path / "blip.wav", [np.full(100, 9000, np.int16)])
    speech = write_wav(tmp_path / "speech.wav", [np.full(13 * SAMPLE_RATE, 9000, np.int16)])
    word = say(tmp_path / "word.wav", 9000)
    clip = join_words([blip, speech, word], random.Random(1))
    assert 1.1 <= len(clip) / SAMPLE_RATE < 1.6


def test_silence_is_trimmed_at_both_ends(tmp_path: Path) -> None:
    word = trim_silence(decode_pcm(say(tmp_path / "word.wav", 9000)))
    assert len(word) / SAMPLE_RATE == pytest.approx(1.0, abs=0.01)
    assert trim_silence(np.zeros(9, np.int16)).size == 0
    assert trim_silence(word[:0]).size == 0
