import numpy as np
import pytest

from earshot.audio.live import ENCODINGS, WireDecoder, samples_from_mu_law
from earshot.audio.waveform import pcm16_from_samples
from earshot.testing import tone


def test_mu_law_codes_have_the_values_of_the_standard() -> None:
    # G.711: both zeros, the smallest steps, and the loudest.
    found = samples_from_mu_law(bytes([0xFF, 0x7F, 0xFE, 0x7E, 0x80, 0x00])) * 2**15
    assert found.tolist() == [0, 0, 8, -8, 32124, -32124]


def test_mu_law_values_grow_with_the_code() -> None:
    positive = samples_from_mu_law(bytes(range(0xFF, 0x7F, -1)))
    assert (np.diff(positive) > 0).all()


def test_pcm_comes_back_as_it_was() -> None:
    samples = tone(100)
    decoder = WireDecoder("pcm_s16le", 16_000)
    found = decoder.decode(pcm16_from_samples(samples))
    assert np.abs(found - samples).max() < 1 / 2**15
    assert len(decoder.flush()) == 0


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_second_of_8_khz_becomes_a_second_of_16_khz(encoding: str) -> None:
    decoder = WireDecoder(encoding, 8_000)
    n_bytes = 8_000 * (2 if encoding == "pcm_s16le" else 1)
    assert decoder.duration_ms(bytes(n_bytes)) == 1000
    assert decoder.n_samples(bytes(n_bytes)) == 8_000
    assert len(decoder.decode(bytes(n_bytes))) + len(decoder.flush()) == 16_000


def test_half_a_sample_is_no_whole_chunk() -> None:
    assert not WireDecoder("pcm_s16le", 16_000).is_whole(b"abc")
    assert WireDecoder("pcm_mulaw", 16_000).is_whole(b"abc")
