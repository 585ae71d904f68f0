import random
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.error import FFmpegError
from typing_extensions import override

from earshot.audio.decoding.live_stream import DECODERS, OpusPackets, StreamRefused
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.testing import silence, tone
from tests.compressed import compress

ENCODINGS = sorted(DECODERS)
# What an encoder puts before the first sample, and after the last to fill its frame.
CODEC_MS = 140


def decode(encoding: str, pieces: list[bytes]) -> Samples:
    decoder = DECODERS[encoding]()
    pcm = [part for piece in pieces for part in decoder.decode(piece)]
    return samples_from_pcm16(b"".join([*pcm, *decoder.flush()]))


def onset_ms(samples: Samples) -> float:
    return float(1000 * np.argmax(np.abs(samples) > 0.05) / SAMPLE_RATE)


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_speech_comes_back_where_it_was(encoding: str, layout: str) -> None:
    samples = np.concatenate([silence(500), tone(1000), silence(500)])
    found = decode(encoding, compress(encoding, samples, layout=layout))
    assert 2000 <= 1000 * len(found) / SAMPLE_RATE <= 2000 + CODEC_MS
    assert abs(onset_ms(found) - onset_ms(samples)) < CODEC_MS
    loud = found[int(0.8 * SAMPLE_RATE) : int(1.2 * SAMPLE_RATE)]
    assert np.sqrt(np.mean(loud**2)) == pytest.approx(np.sqrt(np.mean(tone(100) ** 2)), rel=0.1)


def test_what_an_opus_encoder_puts_first_is_skipped_where_its_head_says_how_much() -> None:
    samples = np.concatenate([silence(500), tone(500)])
    found = decode("ogg_opus", compress("ogg_opus", samples))
    assert abs(onset_ms(found) - onset_ms(samples)) < 3


@pytest.mark.parametrize("encoding", ["opus", "aac"])  # an Ogg page holds what its sender likes
def test_audio_is_told_within_a_tenth_of_a_second_of_its_bytes(encoding: str) -> None:
    decoder = DECODERS[encoding]()
    pieces = compress(encoding, tone(3000))
    n_samples = 0
    for index, piece in enumerate(pieces, start=1):
        n_samples += sum(len(part) // 2 for part in decoder.decode(piece))
        sent_ms = 3000 * index / len(pieces)
        assert sent_ms - 1000 * n_samples / SAMPLE_RATE < 100 + CODEC_MS


@pytest.mark.parametrize("encoding", ["ogg_opus", "aac"])
def test_however_a_stream_is_cut_the_samples_are_the_same(encoding: str) -> None:
    media = b"".join(compress(encoding, tone(700)))
    whole = decode(encoding, [media])
    for piece_bytes in (1, 50, 1000):
        pieces = [media[begin : begin + piece_bytes] for begin in range(0, len(media), piece_bytes)]
        assert np.array_equal(decode(encoding, pieces), whole)


def test_another_ogg_stream_may_follow() -> None:
    first, second = compress("ogg_opus", tone(500)), compress("ogg_opus", tone(1000))
    assert len(decode("ogg_opus", [*first, *second])) >= 1.5 * SAMPLE_RATE


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_nothing_and_empty_pieces_are_silence(encoding: str) -> None:
    assert len(decode(encoding, [b"", b""])) == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_garbage_is_refused_soon(encoding: str) -> None:
    rng = random.Random(7)
    with pytest.raises(StreamRefused):
        decode(encoding, [rng.randbytes(400) for _ in range(200)])


@pytest.mark.parametrize(("sent", "named"), [("aac", "ogg_opus"), ("ogg_opus", "aac")])
def test_one_encoding_under_the_name_of_another_is_refused(sent: str, named: str) -> None:
    with pytest.raises(StreamRefused):
        decode(named, compress(sent, tone(60_000)))


def test_an_ogg_stream_of_something_else_is_refused() -> None:
    media = b"".join(compress("ogg_opus", tone(500)))
    with pytest.raises(StreamRefused, match="no Opus stream"):
        decode("ogg_opus", [media.replace(b"OpusHead", b"\x01vorbis ")])


@pytest.mark.parametrize("encoding", ["opus", "aac"])
def test_a_damaged_frame_is_passed_over(encoding: str) -> None:
    pieces = compress(encoding, tone(2000))
    pieces[10] = b"\xff" if encoding == "opus" else bytes(len(pieces[10]))
    assert len(decode(encoding, pieces)) > 1.7 * SAMPLE_RATE


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_whatever_is_damaged_is_decoded_or_refused(encoding: str) -> None:
    rng = random.Random(3)
    whole = compress(encoding, tone(400), layout="stereo")
    for _ in range(200):
        pieces = [bytearray(piece) for piece in whole]
        for _ in range(rng.choice([1, 10, 100])):
            piece = rng.choice(pieces)
            piece[rng.randrange(len(piece))] = rng.randrange(256)
        with suppress(StreamRefused):
            decode(encoding, [bytes(piece) for piece in pieces])


class Frame(OpusPackets):
    """Its decoder gives a frame that no filter takes."""

    @override
    def _resample(self, frame: AudioFrame) -> Iterator[bytes]:
        raise FFmpegError(22, "Invalid argument")


def test_a_frame_that_cannot_be_mixed_is_as_bad_as_one_that_does_not_decode() -> None:
    packets = compress("opus", tone(1000))
    decoder = Frame()
    assert [part for packet in packets[:9] for part in decoder.decode(packet)] == []
    with pytest.raises(StreamRefused, match="it does not decode"):
        list(decoder.decode(packets[9]))
