# mypy: ignore-errors
# Its packages are in an environment of their own.
"""Runs in LiveKit's environment: one recording through its plugin, as an agent would hear it."""

import asyncio
import json
import sys
import wave

import aiohttp
from livekit import rtc
from livekit.agents import stt
from livekit.plugins import assemblyai

CHUNK_S = 0.05


async def main() -> None:
    task = json.loads(sys.argv[1])
    finals: list[str] = []
    n_interims = 0
    async with aiohttp.ClientSession() as http:
        engine = assemblyai.STT(
            api_key=task["key"], base_url=task["url"], http_session=http, **task["options"]
        )
        stream = engine.stream()

        async def speak() -> None:
            with wave.open(task["recording"]) as recording:
                rate = recording.getframerate()
                while chunk := recording.readframes(int(CHUNK_S * rate)):
                    stream.push_frame(rtc.AudioFrame(chunk, rate, 1, len(chunk) // 2))
                    await asyncio.sleep(CHUNK_S)
            stream.end_input()

        speaking = asyncio.create_task(speak())
        async for event in stream:
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT:
                finals.append(event.alternatives[0].text)
            n_interims += event.type == stt.SpeechEventType.INTERIM_TRANSCRIPT
        await speaking
    json.dump({"finals": finals, "n_interims": n_interims}, sys.stdout)


asyncio.run(main())
