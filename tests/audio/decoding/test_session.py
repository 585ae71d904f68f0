import io
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import IO

import numpy as np
import pytest

from earshot.audio.decoding.child import ChildSilent
from earshot.audio.decoding.mixing import CANCELLED
from earshot.audio.decoding.protocol import (
    POSITION,
    DecodeRequest,
    Message,
    MessageInvalid,
    MessageKind,
)
from earshot.audio.decoding.session import DecodeSession
from earshot.audio.media import DecodeOptions
from earshot.audio.media_type import MediaType
from earshot.errors import (
    AudioTooLong,
    AudioTooShort,
    AudioUnreadable,
    DecoderFailed,
    EarshotError,
)

INFO = {
    "container": "wav",
    "codec": "pcm_s16le",
    "n_channels": 2,
    "sample_rate": 8000,
    "duration_s": 1.5,
    "n_block_channels": 2,
}
REQUEST = DecodeRequest(
    is_mixed=False,
    start_ms=0,
    end_ms=None,
    max_duration_ms=10_000,
    max_channel_ms=20_000,
    max_cpu_s=10,
)
READY = Message(MessageKind.READY, b'["core_dumps"]')


def info(**changes: object) -> Message:
    return Message(MessageKind.INFO, json.dumps(INFO | changes).encode())


def failure(reason: str, note: str = "") -> Message:
    return Message(MessageKind.FAILURE, json.dumps({"reason": reason, "note": note}).encode())


def block(*samples: int) -> Message:
    return Message(MessageKind.BLOCK, np.array(samples, "<i2").tobytes())


def end(*warnings: str) -> Message:
    return Message(MessageKind.END, json.dumps(warnings).encode())


class ScriptedChild:
    """Says what it was given, message by message; an exception is raised."""

    pid = 1

    def __init__(self, script: Iterable[Message | Exception]) -> None:
        self._script = iter(script)
        self.timeouts_s: list[float] = []
        self.is_stopped = False

    def ask(self, request: DecodeRequest, media: IO[bytes]) -> None:
        pass

    def listen(self, *, timeout_s: float) -> Message:
        self.timeouts_s.append(timeout_s)
        said = next(self._script, EOFError())
        if isinstance(said, Exception):
            raise said
        return said

    def stop(self) -> str:
        self.is_stopped = True
        return "SIGKILL"


def session_with(
    *script: Message | Exception,
    options: DecodeOptions | None = None,
    request: DecodeRequest = REQUEST,
) -> tuple[DecodeSession, ScriptedChild]:
    child = ScriptedChild(script)
    media_type = MediaType("audio/x-wav", "WAVE audio", may_hold_audio=True)
    return (
        DecodeSession(child, io.BytesIO(), request, media_type, options or DecodeOptions()),
        child,
    )


def test_blocks_come_with_channels_first_and_warnings_last() -> None:
    session, _ = session_with(READY, info(), block(1, -1, 2, -2), end("Truncated media"))

    media_info = session.begin()
    blocks = list(session.blocks())

    assert (media_info.n_channels, media_info.sample_rate, media_info.duration_ms) == (
        2,
        8000,
        1500,
    )
    assert [found.tolist() for found in blocks] == [[[1, 2], [-1, -2]]]
    assert blocks[0].dtype == np.int16
    assert session.warnings == ("Truncated media",)
    assert session.denied == ("core_dumps",)


def test_a_mix_is_one_channel_and_the_first_where_the_channels_cancel_each_other_out() -> None:
    loud = [part for _ in range(100) for part in (0, 3000)]  # mean and first, interleaved
    fine = [part for _ in range(100) for part in (1500, 3000)]
    script = (READY, info(), block(*fine), block(*loud), end("Truncated media"))
    session, _ = session_with(*script, request=replace(REQUEST, is_mixed=True))

    session.begin()
    kept, cancelled = session.blocks()

    assert (kept.shape, cancelled.shape) == ((1, 100), (1, 100))
    assert (kept[0, 0], cancelled[0, 0]) == (1500, 3000)
    assert session.warnings == ("Truncated media", CANCELLED)


def test_a_mix_of_more_than_was_asked_for_is_a_failed_decoder() -> None:
    script = (READY, info(n_block_channels=3))
    session, _ = session_with(*script, request=replace(REQUEST, is_mixed=True))
    with pytest.raises(DecoderFailed):
        session.begin()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("too_short", AudioTooShort),
        ("too_long", AudioTooLong),
        ("unreadable", AudioUnreadable),
        ("internal", DecoderFailed),
        ("made up", DecoderFailed),
    ],
)
def test_a_failure_is_the_error_of_its_name(reason: str, error: type[EarshotError]) -> None:
    session, _ = session_with(READY, failure(reason))

    with pytest.raises(error):
        session.begin()


def test_unreadable_media_is_named_by_its_mime_type_first() -> None:
    session, _ = session_with(READY, failure("unreadable", "it has no audio track"))

    with pytest.raises(
        AudioUnreadable,
        match=r"File type is audio/x-wav \(WAVE audio; it has no audio track\)\.$",
    ):
        session.begin()


def test_a_failure_after_some_blocks_is_still_the_error_of_its_name() -> None:
    session, _ = session_with(READY, info(), block(1, 1), failure("too_long"))
    session.begin()

    blocks = session.blocks()

    assert next(blocks).shape == (2, 1)
    with pytest.raises(AudioTooLong):
        next(blocks)


@pytest.mark.parametrize(
    "said",
    [
        EOFError(),
        ConnectionResetError(),
        ChildSilent(),
        MessageInvalid(),
        block(1, 2, 3),
        block(),
        end(*["x"] * 100),
        end("line\nbreak"),
        Message(MessageKind.END, b"not JSON"),
        Message(MessageKind.END, b'{"a": 1}'),
        Message(MessageKind.PROGRESS, b"123"),
        Message(MessageKind.PROGRESS, POSITION.pack(2**60)),
        Message(MessageKind.FAILURE, b"[]"),
        info(),
        READY,
    ],
)
def test_whatever_else_a_child_does_among_the_blocks_is_a_failed_decoder(
    said: Message | Exception,
) -> None:
    session, child = session_with(READY, info(), block(1, 1), said)
    session.begin()

    with pytest.raises(DecoderFailed):
        list(session.blocks())
    assert child.is_stopped


@pytest.mark.parametrize(
    "said",
    [
        info(n_channels=0),
        info(n_block_channels=65),
        info(n_channels="two"),
        info(sample_rate=2**40),
        info(codec="\x1b[31m"),
        info(container=None),
        block(1, 1),
        Message(MessageKind.INFO, b"[" * 5000),
    ],
)
def test_info_that_makes_no_sense_is_a_failed_decoder(said: Message) -> None:
    session, _ = session_with(READY, said)

    with pytest.raises(DecoderFailed):
        session.begin()


@pytest.mark.parametrize("claim", [None, -1, 1e300, "long"])
def test_a_duration_that_makes_no_sense_is_none(claim: object) -> None:
    session, _ = session_with(READY, info(duration_s=claim))

    assert session.begin().duration_ms is None


def test_more_audio_than_was_asked_for_is_a_failed_decoder() -> None:
    second = block(*[0] * 32_000)
    session, _ = session_with(READY, info(), *[second] * 100)
    session.begin()

    with pytest.raises(DecoderFailed):
        list(session.blocks())


def test_patience_grows_with_the_audio_and_ends_at_the_silence_limit() -> None:
    options = DecodeOptions(allowance_s=1.0, min_speed=0.5, max_silence_s=4.0)
    second = block(*[0] * 32_000)
    session, child = session_with(READY, info(), *[second] * 3, end(), options=options)
    session.begin()

    list(session.blocks())

    # READY, INFO and the first block out of 1 s; then 2 s more for each second of audio.
    assert child.timeouts_s == pytest.approx([1, 1, 1, 3, 4, 4], abs=0.5)


def test_no_internals_reach_the_caller() -> None:
    session, _ = session_with(READY, failure("internal", "KeyError('/srv/secret')"))

    with pytest.raises(DecoderFailed) as failed:
        session.begin()

    assert "secret" not in str(failed.value)
