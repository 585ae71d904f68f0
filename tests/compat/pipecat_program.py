# mypy: ignore-errors
# Its packages are in an environment of their own.
"""Runs in Pipecat's environment: one recording through its service, as a pipeline would hear it."""

import asyncio
import json
import sys
import wave

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.assemblyai.stt import AssemblyAISTTService

CHUNK_S = 0.05


class Listener(FrameProcessor):
    """Keeps what was heard."""

    def __init__(self) -> None:
        super().__init__()
        self.finals: list[str] = []
        self.n_interims = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame):
            self.finals.append(frame.text)
        self.n_interims += isinstance(frame, InterimTranscriptionFrame)
        await self.push_frame(frame, direction)


async def main() -> None:
    given = json.loads(sys.argv[1])
    settings = AssemblyAISTTService.Settings(**given["options"])
    service = AssemblyAISTTService(
        api_key=given["key"], api_endpoint_base_url=given["url"] + "/v3/ws", settings=settings
    )
    listener = Listener()
    parameters = PipelineParams(audio_in_sample_rate=16_000)
    task = PipelineTask(Pipeline([service, listener]), params=parameters)

    async def speak() -> None:
        with wave.open(given["recording"]) as recording:
            while chunk := recording.readframes(int(CHUNK_S * 16_000)):
                await task.queue_frame(InputAudioRawFrame(chunk, 16_000, 1))
                await asyncio.sleep(CHUNK_S)
        for _ in range(40):
            await task.queue_frame(InputAudioRawFrame(bytes(1600), 16_000, 1))
            await asyncio.sleep(CHUNK_S)
        await task.queue_frame(EndFrame())

    await asyncio.gather(PipelineRunner(handle_sigint=False).run(task), speak())
    json.dump({"finals": listener.finals, "n_interims": listener.n_interims}, sys.stdout)


asyncio.run(main())
