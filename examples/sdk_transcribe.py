"""Transcribe a recording with the official `assemblyai` SDK, against your own server.

    export ASSEMBLYAI_BASE_URL=http://127.0.0.1:8000
    export ASSEMBLYAI_API_KEY=...        # earshot keys create laptop
    python examples/sdk_transcribe.py recording.wav

The SDK reads both variables itself; a URL works in place of a file.
"""

import sys

import assemblyai as aai


def main(recording: str) -> None:
    transcript = aai.Transcriber().transcribe(recording)
    if transcript.status is aai.TranscriptStatus.error:
        sys.exit(f"Transcription failed: {transcript.error}")

    print(transcript.text)
    for word in (transcript.words or [])[:5]:
        print(f"{word.start:>7} ms  {word.confidence:.2f}  {word.text}")
    for sentence in transcript.get_sentences():
        print(f"{sentence.start / 1000:>7.2f} s  {sentence.text}")
    if transcript.text:
        print(transcript.export_subtitles_srt(chars_per_caption=42))


if __name__ == "__main__":
    main(*sys.argv[1:])
