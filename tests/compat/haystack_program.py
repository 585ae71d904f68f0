# mypy: ignore-errors
# Its packages are in an environment of their own.
"""Runs in Haystack's environment: a pipeline with the transcriber in it."""

import json
import sys

from assemblyai_haystack.transcriber import AssemblyAITranscriber
from haystack import Pipeline


def main() -> None:
    task = json.loads(sys.argv[1])
    pipeline = Pipeline()
    pipeline.add_component("transcriber", AssemblyAITranscriber(api_key=task["key"]))
    answer = pipeline.run({"transcriber": {"file_path": task["recording"], **task["options"]}})
    json.dump(
        {
            name: [{"text": one.content, "metadata": one.meta} for one in documents]
            for name, documents in answer["transcriber"].items()
        },
        sys.stdout,
    )


main()
