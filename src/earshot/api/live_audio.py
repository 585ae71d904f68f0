"""What a live client sends, as samples: compressed audio goes through a process of its own."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from threading import Lock
from typing import Final, Protocol

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_plan import ChunkRule, SessionPlan
from earshot.api.live_services import LiveLimits
from earshot.audio import live
from earshot.audio.decoding.child import DecoderChild
from earshot.audio.decoding.protocol import (
    BLOCK_SAMPLES,
    BYTES_PER_SAMPLE,
    HEADER,
    MAX_REQUEST_BYTES,
    FailureReason,
    Message,
    MessageKind,
)
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.transcript.times import samples_to_ms

logger = logging.getLogger(__name__)

COMPRESSED: Final = ("opus", "ogg_opus", "aac")
CHILD_MODULE: Final = "earshot.audio.decoding.live_process"
# For 1 s of audio it needs a few milliseconds, and a tenth of a second to start.
CHILD_PATIENCE_S: Final = 20.0
BYTES_PER_MB: Final = 2**20
_MOST_OF_KIND: Final = {
    MessageKind.READY: MAX_REQUEST_BYTES,
    MessageKind.BLOCK: BLOCK_SAMPLES * BYTES_PER_SAMPLE,
    MessageKind.DONE: BLOCK_SAMPLES * BYTES_PER_SAMPLE,
    MessageKind.FAILURE: MAX_REQUEST_BYTES,
}


class LiveAudio(Protocol):
    """The audio of one session; `samples` and `rest` are not to overlap."""

    @property
    def received_ms(self) -> int:
        """How much has come."""
        ...

    async def open(self) -> None:
        """Get ready; nothing before."""
        ...

    def samples(self, chunk: bytes) -> AsyncIterator[Samples]:
        """What can be told of the next chunk, at 16 kHz; raises SessionFault."""
        ...

    def rest(self) -> AsyncIterator[Samples]:
        """What was held back, when there are no more chunks."""
        ...

    def close(self) -> None:
        """Let go of everything, whatever goes on."""
        ...


def open_audio(plan: SessionPlan, limits: LiveLimits) -> LiveAudio:
    """The audio of a session to be."""
    if plan.encoding in COMPRESSED:
        return CompressedAudio(plan.encoding, limits)
    return RawAudio(plan)


class RawAudio:
    """Samples as they are, in chunks whose length is bounded."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._decoder: live.WireDecoder | None = None
        self._rule = ChunkRule(*plan.chunk_ms)
        self._n_wire_samples = 0

    @property
    def received_ms(self) -> int:
        return samples_to_ms(self._n_wire_samples, self._plan.sample_rate)

    async def open(self) -> None:
        """Make the filter, which takes most of a second for a rate like 44,101 Hz."""
        encoding, sample_rate = self._plan.encoding, self._plan.sample_rate
        self._decoder = await asyncio.to_thread(live.WireDecoder, encoding, sample_rate)

    async def samples(self, chunk: bytes) -> AsyncIterator[Samples]:
        assert self._decoder is not None
        if not self._decoder.is_whole(chunk):
            raise SessionFault(
                FaultKind.INVALID_INPUT,
                f"Invalid audio: {len(chunk)} bytes are no whole number of 16-bit samples",
            )
        self._rule.check(self._decoder.duration_ms(chunk))
        self._n_wire_samples += self._decoder.n_samples(chunk)
        yield self._decoder.decode(chunk)

    async def rest(self) -> AsyncIterator[Samples]:
        if self._decoder is not None:
            yield self._decoder.flush()

    def close(self) -> None:
        """There is nothing to let go of."""


class CompressedAudio:
    """Untrusted bytes for a confined child, and the samples that come back."""

    def __init__(self, encoding: str, limits: LiveLimits) -> None:
        self._encoding = encoding
        self._limits = limits
        self._lock = Lock()  # between the thread that starts the child and `close`
        self._child: DecoderChild | None = None
        self._is_closed = False
        self._is_broken = False
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._n_samples = 0

    @property
    def received_ms(self) -> int:
        return samples_to_ms(self._n_samples, SAMPLE_RATE)

    async def open(self) -> None:
        connection = await asyncio.to_thread(self._start_child)
        if connection is None:
            return
        self._reader, self._writer = await asyncio.open_unix_connection(sock=connection)
        if self._is_closed:
            self._writer.transport.abort()

    async def samples(self, chunk: bytes) -> AsyncIterator[Samples]:
        async for samples in self._ask(MessageKind.CHUNK, chunk):
            yield samples

    async def rest(self) -> AsyncIterator[Samples]:
        if self._writer is not None and not self._is_broken:
            async for samples in self._ask(MessageKind.FINISH, b""):
                yield samples

    def close(self) -> None:
        """The child is killed, by another thread: waiting for its end takes a moment."""
        with self._lock:
            self._is_closed = True
            child, self._child = self._child, None
        if self._writer is not None:
            self._writer.transport.abort()
        if child is not None:
            asyncio.get_running_loop().run_in_executor(None, child.stop)

    def _start_child(self) -> socket.socket | None:
        """The connection to the child; None where the session has ended already."""
        limits = self._limits
        child = DecoderChild(
            self._encoding,
            str(limits.max_session_s),  # as if it did nothing but compute
            module=CHILD_MODULE,
            max_memory_bytes=limits.decode_memory_mb * BYTES_PER_MB,
        )
        with self._lock:
            if not self._is_closed:
                self._child = child
                return child.connection()  # while nobody else can end it
        child.stop()
        return None

    async def _ask(self, kind: int, payload: bytes) -> AsyncIterator[Samples]:
        assert self._writer is not None
        try:
            self._writer.write(HEADER.pack(kind, len(payload)) + payload)
            async with asyncio.timeout(CHILD_PATIENCE_S):
                await self._writer.drain()
            is_done = False
            while not is_done:
                message = await self._receive()
                is_done = message.kind == MessageKind.DONE
                samples = samples_from_pcm16(message.payload)
                self._n_samples += len(samples)
                yield samples
        except (EOFError, ConnectionError, TimeoutError) as error:
            raise self._fault(f"it ended early: {error!r}") from None

    async def _receive(self) -> Message:
        """The next message that has samples; SessionFault for what it should not say."""
        assert self._reader is not None
        while True:
            async with asyncio.timeout(CHILD_PATIENCE_S):
                header = await self._reader.readexactly(HEADER.size)
                kind, n_bytes = HEADER.unpack(header)
                if n_bytes > _MOST_OF_KIND.get(kind, -1):
                    raise self._fault(f"message of kind {kind} with {n_bytes} bytes")
                payload = await self._reader.readexactly(n_bytes)
            if kind == MessageKind.FAILURE:
                raise self._failure(payload)
            if kind != MessageKind.READY:
                if n_bytes % BYTES_PER_SAMPLE:
                    raise self._fault("half a sample")
                return Message(kind, payload)

    def _failure(self, payload: bytes) -> SessionFault:
        try:
            fields = json.loads(payload)
            reason, note = str(fields["reason"]), str(fields["note"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return self._fault("a failure that is none of the protocol's")
        if reason == FailureReason.UNREADABLE and note.isprintable():
            self._is_broken = True
            return self._invalid(note)
        return self._fault(note)

    def _fault(self, cause: str) -> SessionFault:
        """It broke down over what it was fed."""
        self._is_broken = True
        logger.warning("live_decoder_failed", extra={"cause": cause, "encoding": self._encoding})
        return self._invalid("the decoder stopped before it was done")

    def _invalid(self, note: str) -> SessionFault:
        return SessionFault(
            FaultKind.INVALID_INPUT,
            f"User Input Validation Error: Invalid audio: not '{self._encoding}': {note}",
        )
