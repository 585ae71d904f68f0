from typing import Any

from earshot.api.schemas.understood import SpeechUnderstandingBody, translated_texts
from earshot.transcript.findings import (
    FeatureName,
    Findings,
    FormattedText,
    Translations,
    Unavailable,
)
from earshot.transcript.words import Utterance, Word

ASKED: dict[str, Any] = {
    "translation": {"target_languages": ["de"]},
    "speaker_identification": {"speaker_type": "name"},
    "custom_formatting": {"date": "mm/dd/yyyy"},
}
SAID = (Utterance((Word("May 5, 2020.", 100, 900, 0.9, "A", 1),), "A", 1),)


def answered(
    asked: dict[str, Any],
    findings: Findings | None,
    utterances: tuple[Utterance, ...] | None = None,
) -> dict[str, Any]:
    body = SpeechUnderstandingBody.answering(asked, findings, utterances)
    return body.model_dump(mode="json")


def failed(*features: FeatureName) -> Findings:
    return Findings(unavailable=tuple(Unavailable(one, "It failed.") for one in features))


def test_before_anything_is_found_there_is_the_request_alone() -> None:
    assert answered(ASKED, None) == {"request": ASKED, "response": None}


def test_each_thing_has_its_own_answer() -> None:
    found = Findings(
        translations=Translations({"de": "5. Mai 2020."}),
        speaker_names={"A": "Anna"},
        formatted=FormattedText({"May 5, 2020": "05/05/2020"}, "05/05/2020.", ("05/05/2020.",)),
    )
    assert answered(ASKED, found, SAID)["response"] == {
        "translation": {"status": "success"},
        "speaker_identification": {"status": "success", "mapping": {"A": "Anna"}},
        "custom_formatting": {
            "status": "success",
            "mapping": {"May 5, 2020": "05/05/2020"},
            "formatted_text": "05/05/2020.",
            "formatted_utterances": [
                {"speaker": "A", "text": "05/05/2020.", "start": 100, "end": 900, "channel": "1"}
            ],
        },
    }


def test_what_was_not_asked_for_has_no_answer() -> None:
    asked = {"custom_formatting": ASKED["custom_formatting"]}
    found = Findings(formatted=FormattedText({}, "Hello."))
    assert answered(asked, found)["response"] == {
        "custom_formatting": {"status": "success", "mapping": {}, "formatted_text": "Hello."}
    }


def test_what_failed_is_unavailable() -> None:
    broken = failed("translation", "speaker_identification", "custom_formatting")
    assert answered(ASKED, broken)["response"] == {
        "translation": {"status": "unavailable"},
        "speaker_identification": {"status": "unavailable", "mapping": None},
        "custom_formatting": {"status": "unavailable", "mapping": None, "formatted_text": None},
    }
    assert translated_texts(broken) is None
    assert translated_texts(None) is None
    assert translated_texts(Findings(translations=Translations({"de": "Ja."}))) == {"de": "Ja."}
