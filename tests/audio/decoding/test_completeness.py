import io
from collections.abc import Callable

import pytest

from earshot.audio.decoding.completeness import ends_early, has_frame_count

Make = Callable[..., bytes]


def test_a_whole_wav_does_not_end_early(tone: Make, wav: Make) -> None:
    assert not ends_early(io.BytesIO(wav(tone(0.5, 16000), 16000)), "wav")


def test_a_cut_wav_ends_early(tone: Make, wav: Make) -> None:
    assert ends_early(io.BytesIO(wav(tone(0.5, 16000), 16000)[:-100]), "wav")


@pytest.mark.parametrize("claimed", [0, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FFF_F000])
def test_a_wav_written_into_a_pipe_is_whole(tone: Make, wav: Make, claimed: int) -> None:
    data = wav(tone(0.5, 16000), 16000, claimed_bytes=claimed)

    assert not ends_early(io.BytesIO(data), "wav")


def test_a_wav_whose_data_is_nowhere_is_nobodys_to_judge() -> None:
    assert not ends_early(io.BytesIO(b"RIFF\x00\x00\x00\x00WAVEfmt "), "wav")


def test_an_ogg_cut_within_a_page_ends_early(tone: Make, encode: Make) -> None:
    whole = encode("ogg", "libopus", tone(2, 48000))

    assert not ends_early(io.BytesIO(whole), "ogg")
    assert ends_early(io.BytesIO(whole[: len(whole) * 2 // 3]), "ogg")
    assert ends_early(io.BytesIO(whole[:-1]), "ogg")


def test_other_containers_are_not_judged() -> None:
    assert not ends_early(io.BytesIO(b""), "mov")


def test_an_mp3_with_an_info_frame_states_its_length(tone: Make, encode: Make) -> None:
    stated = encode("mp3", "libmp3lame", tone(1, 48000), options={"write_xing": "1"})
    silent = encode("mp3", "libmp3lame", tone(1, 48000), options={"write_xing": "0"})

    assert has_frame_count(io.BytesIO(stated))
    assert not has_frame_count(io.BytesIO(silent))
