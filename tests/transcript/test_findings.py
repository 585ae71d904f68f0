from earshot.transcript.findings import Findings, KeyPhrase, Method, Span, Unavailable

PHRASES = (KeyPhrase("air quality", 0.5, (Span(0, 900),)),)


def test_the_findings_of_two_features_stand_side_by_side() -> None:
    phrases = Findings(key_phrases=PHRASES).by("auto_highlights", "statistical")
    summary = Findings(summary="Smoke.").by("summarization", "llm:default")
    joined = Findings().joined_with(phrases).joined_with(summary)
    assert joined.key_phrases == PHRASES
    assert joined.summary == "Smoke."
    assert joined.chapters is None
    assert [method.feature for method in joined.methods] == ["auto_highlights", "summarization"]


def test_what_failed_is_lacking_and_says_why() -> None:
    failed = Findings(unavailable=(Unavailable("auto_chapters", "auto_chapters failed"),))
    fell_back = Findings(methods=(Method("summarization", "extractive", "The LLM is down."),))
    joined = failed.joined_with(fell_back)
    assert joined.lacks("auto_chapters")
    assert not joined.lacks("summarization")
    assert joined.warnings == ("auto_chapters failed", "The LLM is down.")
