"""Asks about a transcript with the official SDK, for the tests; run by the SDK's own environment.

python lemur_program.py BASE_URL KEY TRANSCRIPT_ID
"""

import json
import sys
from typing import Any

import assemblyai as aai

Facts = dict[str, Any]


def _shown(answer: Any) -> Facts:  # noqa: ANN401 - any answer of the SDK
    shown: Facts = json.loads(answer.json())
    return shown


def _refusal(request: Any, *arguments: Any, **options: Any) -> Facts:  # noqa: ANN401 - of the SDK
    try:
        request(*arguments, **options)
    except aai.LemurError as error:
        return {"message": str(error), "status_code": error.status_code}
    return {}


def main(base_url: str, key: str, transcript_id: str) -> Facts:
    aai.settings.base_url = base_url
    aai.settings.api_key = key
    transcript = aai.Transcript.get_by_id(transcript_id)
    lemur = transcript.lemur
    questions = [
        aai.LemurQuestion(question="Which times were the best?", context={"from": "a novel"}),
        aai.LemurQuestion(question="Is it about times?", answer_options=["Yes", "No"]),
    ]
    task = lemur.task("What is said of the times?", final_model=aai.LemurModel.claude3_haiku)
    answered = lemur.question(questions, max_output_size=500, temperature=0.2)
    facts = {
        "task": _shown(task),
        "questions": _shown(answered),
        "summary": _shown(lemur.summarize(context="A novel", answer_format="TLDR")),
        "action_items": _shown(lemur.action_items()),
        "text": _shown(aai.Lemur().task("What?", input_text="It was the age of wisdom.")),
        "later": _shown(lemur.summarize_async().result()),
        "task_again": _shown(lemur.get_response_data(task.request_id)),
        "questions_again": _shown(lemur.get_response_data(answered.request_id)),
        "purged": _shown(aai.Lemur.purge_request_data(task.request_id)),
        "gone": _refusal(lemur.get_response_data, task.request_id),
        "refused": _refusal(lemur.task, "Why?", max_output_size=5000),
    }
    group = aai.TranscriptGroup.get_by_ids([transcript_id])
    facts["group"] = _shown(group.lemur.summarize())
    return facts


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201 - its answer
