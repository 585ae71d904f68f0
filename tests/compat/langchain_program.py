# mypy: ignore-errors
# Its packages are in an environment of their own.
"""Runs in LangChain's environment: loads a recording as documents, in every form."""

import json
import sys

import assemblyai as aai
import requests
from langchain_community.document_loaders import AssemblyAIAudioTranscriptLoader
from langchain_community.document_loaders import assemblyai as module
from langchain_community.document_loaders.assemblyai import (
    AssemblyAIAudioLoaderById,
    TranscriptFormat,
)
from langchain_core.documents import Document

VENDOR = "https://api.assemblyai.com"


class OtherHost:
    """`requests`, with the host that the loader by id knows alone swapped for ours."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def get(self, url: str, **arguments: dict[str, str]) -> requests.Response:
        assert url.startswith(VENDOR)
        return requests.get(self._base_url + url.removeprefix(VENDOR), timeout=60, **arguments)


def shown(documents: list[Document]) -> list[dict[str, object]]:
    return [{"text": one.page_content, "metadata": one.metadata} for one in documents]


def main() -> None:
    task = json.loads(sys.argv[1])
    loaded = {}
    for form in TranscriptFormat:
        loader = AssemblyAIAudioTranscriptLoader(
            task["recording"],
            transcript_format=form,
            config=aai.TranscriptionConfig(speaker_labels=True),
        )
        loaded[form.value] = shown(loader.load())
    module.requests = OtherHost(task["url"])
    transcript_id = loaded["text"][0]["metadata"]["id"]
    by_id = {
        form.value: shown(AssemblyAIAudioLoaderById(transcript_id, task["key"], form).load())
        for form in TranscriptFormat
    }
    try:
        AssemblyAIAudioTranscriptLoader(task["page"]).load()
        refusal = None
    except ValueError as error:
        refusal = str(error)
    json.dump({"loaded": loaded, "by_id": by_id, "refusal": refusal}, sys.stdout, default=str)


main()
