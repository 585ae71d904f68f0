# mypy: ignore-errors
# Its packages are in an environment of their own.
"""Runs in LlamaIndex's environment: reads a recording as documents, in every form."""

import json
import sys

from llama_index.readers.assemblyai import AssemblyAIAudioTranscriptReader, TranscriptFormat


def main() -> None:
    task = json.loads(sys.argv[1])
    loaded = {}
    for form in TranscriptFormat:
        reader = AssemblyAIAudioTranscriptReader(task["recording"], transcript_format=form)
        loaded[form.value] = [
            {"text": document.text, "metadata": document.metadata}
            for document in reader.load_data()
        ]
    try:
        AssemblyAIAudioTranscriptReader(task["page"]).load_data()
        refusal = None
    except ValueError as error:
        refusal = str(error)
    json.dump({"loaded": loaded, "refusal": refusal}, sys.stdout, default=str)


main()
