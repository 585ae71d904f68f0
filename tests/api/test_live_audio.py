import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_audio import COMPRESSED, CompressedAudio, RawAudio, open_audio
from earshot.api.live_plan import SessionPlan
from earshot.api.live_services import DEFAULT_LIMITS
from earshot.api.schemas import live_parameters
from earshot.audio.decoding.live_stream import DECODERS
from earshot.audio.live import ENCODINGS
from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.streaming.options import LiveOptions
from earshot.testing import spoken_tones, tone
from earshot.transcript.times import samples_to_ms
from tests.api.conftest import World
from tests.api.live import LiveWorld, open_live_world
from tests.compressed import compress
from tests.processes import until
from tests.turned_time import run_turned

PLAN = SessionPlan("tones", LiveOptions(), "pcm_s16le", 8_000, (50, 1000))


@pytest.fixture
def live(world: World) -> Iterator[LiveWorld]:
    with open_live_world(world) as live:
        yield live


@asynccontextmanager
async def opened(encoding: str) -> AsyncIterator[CompressedAudio]:
    audio = CompressedAudio(encoding, DEFAULT_LIMITS)
    await audio.open()
    try:
        yield audio
    finally:
        audio.close()


async def gather(parts: AsyncIterator[Samples]) -> Samples:
    return np.concatenate([part async for part in parts])


def pid_of(audio: CompressedAudio) -> int:
    assert audio._child is not None
    return audio._child.pid


def _wait_for_end(pid: int) -> None:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_every_encoding_of_the_api_is_decoded_by_somebody() -> None:
    assert set(live_parameters.ENCODINGS) == ENCODINGS | set(COMPRESSED)
    assert set(COMPRESSED) == set(DECODERS)
    for encoding in live_parameters.ENCODINGS:
        audio = open_audio(replace(PLAN, encoding=encoding), DEFAULT_LIMITS)
        assert isinstance(audio, CompressedAudio if encoding in COMPRESSED else RawAudio)


async def test_raw_audio_comes_at_16_khz_and_is_counted_as_it_came() -> None:
    audio = RawAudio(PLAN)
    await audio.open()
    samples = await gather(audio.samples(pcm16_from_samples(tone(400))))
    assert audio.received_ms == 800
    assert len(samples) + len(await gather(audio.rest())) == 800 * 16


@pytest.mark.parametrize(
    ("n_bytes", "kind"),
    [(801, FaultKind.INVALID_INPUT), (16_002, FaultKind.CHUNK_TOO_LONG)],
)
async def test_raw_chunks_have_whole_samples_and_a_length(n_bytes: int, kind: FaultKind) -> None:
    audio = RawAudio(PLAN)
    await audio.open()
    with pytest.raises(SessionFault) as fault:
        await gather(audio.samples(bytes(n_bytes)))
    assert fault.value.kind is kind


@pytest.mark.parametrize("encoding", COMPRESSED)
async def test_compressed_audio_comes_back_whole(encoding: str) -> None:
    async with opened(encoding) as audio:
        parts = [await gather(audio.samples(piece)) for piece in compress(encoding, tone(1500))]
        parts.append(await gather(audio.rest()))
    n_samples = sum(map(len, parts))
    assert 1500 <= 1000 * n_samples / SAMPLE_RATE < 1700
    assert audio.received_ms == samples_to_ms(n_samples, SAMPLE_RATE)


async def test_much_audio_in_few_bytes_comes_second_by_second() -> None:
    media = b"".join(compress("ogg_opus", tone(20_000)))
    async with opened("ogg_opus") as audio:
        lengths = [len(part) async for part in audio.samples(media)]
    assert sum(lengths) > 19 * SAMPLE_RATE
    assert max(lengths) <= SAMPLE_RATE


async def test_garbage_ends_the_session_and_says_so() -> None:
    async with opened("ogg_opus") as audio:
        with pytest.raises(SessionFault) as fault:
            await gather(audio.samples(bytes(5000)))
        assert [part async for part in audio.rest()] == []
    assert fault.value.kind is FaultKind.INVALID_INPUT
    assert fault.value.text == (
        "User Input Validation Error: Invalid audio: not 'ogg_opus': "
        "it does not begin as an Ogg stream does"
    )


async def test_a_child_that_dies_ends_the_session_and_says_so() -> None:
    packets = compress("opus", tone(200))
    async with opened("opus") as audio:
        await gather(audio.samples(packets[0]))
        os.kill(pid_of(audio), signal.SIGKILL)
        await asyncio.to_thread(_wait_for_end, pid_of(audio))
        with pytest.raises(SessionFault, match="the decoder stopped"):
            await gather(audio.samples(packets[1]))
        assert [part async for part in audio.rest()] == []


async def test_closing_leaves_no_process_even_while_one_starts() -> None:
    async with opened("aac") as audio:
        pid = pid_of(audio)
    starting = CompressedAudio("aac", DEFAULT_LIMITS)
    opening = asyncio.create_task(starting.open())
    await asyncio.sleep(0)
    starting.close()
    await opening
    assert starting._child is None
    await asyncio.to_thread(until, lambda: not is_process(pid), "the child has ended")


async def test_a_session_that_ends_while_its_decoder_is_reached_is_no_error() -> None:
    starting = CompressedAudio("aac", DEFAULT_LIMITS)
    opening = asyncio.create_task(starting.open())
    while starting._child is None:  # noqa: ASYNC110 - a thread sets it
        await asyncio.sleep(0)
    pid = starting._child.pid
    starting.close()
    await opening
    await asyncio.to_thread(until, lambda: not is_process(pid), "the child has ended")


async def test_a_child_that_is_stuck_holds_up_no_other() -> None:
    packets = compress("opus", tone(200))
    async with opened("opus") as stuck, opened("opus") as other:
        os.kill(pid_of(stuck), signal.SIGSTOP)
        waiting = asyncio.create_task(gather(stuck.samples(packets[0])))
        assert len(await gather(other.samples(packets[0])))
        assert not waiting.done()
        waiting.cancel()


@pytest.mark.parametrize("n_bytes", [100, 2**20])
def test_a_child_that_is_stuck_is_not_waited_for_without_end(n_bytes: int) -> None:
    async def send() -> None:
        async with opened("aac") as audio:
            os.kill(pid_of(audio), signal.SIGSTOP)
            await gather(audio.samples(bytes(n_bytes)))

    with pytest.raises(SessionFault, match="the decoder stopped"):
        run_turned(send())


@pytest.mark.parametrize("encoding", COMPRESSED)
def test_what_is_said_in_compressed_audio_is_heard(live: LiveWorld, encoding: str) -> None:
    with live.session(encoding=encoding) as spoken:
        for piece in compress(encoding, spoken_tones("one two three _ _ four five")):
            spoken.send(piece)
        ended = spoken.terminate()
    turns = [turn["transcript"] for turn in ended.of("Turn") if turn["end_of_turn"]]
    assert turns == ["one two three", "four five"]
    assert ended.of("Termination")[0]["audio_duration_seconds"] in {4, 5}


def test_a_session_of_garbage_is_refused_with_3006(live: LiveWorld) -> None:
    with live.session(encoding="aac") as spoken:
        for _ in range(50):
            spoken.send(bytes(1000))
        ended = spoken.end()
    assert ended.code == 3006
    assert ended.error.startswith("User Input Validation Error: Invalid audio: not 'aac'")
    assert live.await_row().close_code == 3006
