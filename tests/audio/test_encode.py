import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typing_extensions import override

from earshot.audio.decode import Decoder
from earshot.audio.decoding.protocol import POSITION, Message, MessageKind
from earshot.audio.encode import Conversation, encode_file
from earshot.audio.media import ChannelBlock, ChannelMode
from earshot.errors import EncoderFailed
from earshot.testing import tone

N_SAMPLES = 3 * 16_000 + 123


def channels(n_channels: int) -> ChannelBlock:
    """A tone for each channel, every one another."""
    pitches = [300.0 + 200 * index for index in range(n_channels)]
    waves = np.stack([tone(4_000, pitch)[:N_SAMPLES] for pitch in pitches])
    return np.rint(waves * 2**15).astype(np.int16)


def in_blocks(pcm: ChannelBlock, block_samples: int = 16_000) -> Iterator[ChannelBlock]:
    for start in range(0, pcm.shape[1], block_samples):
        yield pcm[:, start : start + block_samples]


def decoded(path: Path) -> ChannelBlock:
    with Decoder() as decoder, decoder.open(path, channels=ChannelMode.SPLIT) as media:
        blocks = list(media)
        assert media.warnings == ()
    return np.concatenate(blocks, axis=1)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 8])
def test_wav_is_what_was_given_sample_for_sample(tmp_path: Path, n_channels: int) -> None:
    pcm = channels(n_channels)
    encode_file(in_blocks(pcm), tmp_path / "a", form="wav", n_channels=n_channels)
    assert np.array_equal(decoded(tmp_path / "a"), pcm)


@pytest.mark.parametrize("n_channels", [1, 2])
def test_mp3_is_as_long_as_what_was_given_and_sounds_the_same_at_the_same_places(
    tmp_path: Path, n_channels: int
) -> None:
    pcm = channels(n_channels)
    encode_file(in_blocks(pcm), tmp_path / "a", form="mp3", n_channels=n_channels)
    heard = decoded(tmp_path / "a")
    assert heard.shape == pcm.shape
    for given, found in zip(pcm.astype(float), heard.astype(float), strict=True):
        assert np.corrcoef(given, found)[0, 1] > 0.99


def test_an_encoder_that_dies_is_one_error_for_the_operator_to_see(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Dead(Liar):
        @override
        def say(self, kind: int, payload: bytes, *, timeout_s: float) -> None:
            raise BrokenPipeError

    with (
        (tmp_path / "a").open("wb") as file,
        caplog.at_level(logging.WARNING),
        pytest.raises(EncoderFailed),
    ):
        Conversation(Dead(), file).ask(MessageKind.CHUNK, b"")
    assert [record.message for record in caplog.records] == ["encoder_failed"]


def test_an_error_of_whoever_gives_the_blocks_is_theirs(tmp_path: Path) -> None:
    def failing() -> Iterator[ChannelBlock]:
        yield channels(1)[:, :160]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        encode_file(failing(), tmp_path / "a", form="mp3", n_channels=1)


class Liar:
    """A child that answers whatever it is told to."""

    pid = 1

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)

    def say(self, kind: int, payload: bytes, *, timeout_s: float) -> None:
        assert (kind, payload) == (MessageKind.FINISH, b"")
        assert timeout_s

    def listen(self, *, timeout_s: float) -> Message:
        assert timeout_s
        return self._messages.pop(0)

    def stop(self) -> str:
        return "stopped"


@pytest.mark.parametrize(
    "lie",
    [
        Message(MessageKind.PROGRESS, POSITION.pack(1)),
        Message(MessageKind.PROGRESS, b"?"),
        Message(MessageKind.INFO, b"{}"),
        Message(MessageKind.FAILURE, b"{}"),
    ],
)
def test_an_encoder_is_believed_nothing_unchecked(tmp_path: Path, lie: Message) -> None:
    with (tmp_path / "a").open("wb") as file, pytest.raises(EncoderFailed):
        Conversation(Liar(lie), file).ask(MessageKind.FINISH, b"")


def test_no_file_grows_beyond_what_there_can_be(tmp_path: Path) -> None:
    block = Message(MessageKind.BLOCK, bytes(6))
    with (tmp_path / "a").open("wb") as file, pytest.raises(EncoderFailed):
        Conversation(Liar(block, block), file, max_bytes=10).ask(MessageKind.FINISH, b"")
