import sqlalchemy as sa

from earshot.storage.projects import insert_project_if_absent
from earshot.storage.results import delete_result, find_result, save_result
from earshot.storage.schema import transcript_results
from earshot.storage.transcripts import NewTranscript, insert_transcript
from earshot.transcript.clock import utc_now
from earshot.transcript.findings import (
    Chapter,
    Findings,
    FoundEntity,
    KeyPhrase,
    Method,
    Safety,
    SafetyLabel,
    SafetySection,
    SeverityShares,
    Span,
    Topic,
    Topics,
    TopicSection,
    Unavailable,
)
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import (
    KnownSpeaker,
    LanguageFinding,
    TranscriptResult,
    Unredacted,
)
from earshot.transcript.words import Utterance, Word

WORDS = (Word("It", 0, 90, 0.123456789012345, "1", 1), Word("was—é🙂", 90, 200, 1.0, None, None))
TOPICS = Topics((TopicSection("Smoke.", (Topic("air", 0.25),), 0, 90),), (Topic("air", 1.0),))
FINDINGS = Findings(
    key_phrases=(KeyPhrase("smoke", 1.0, (Span(0, 90), Span(90, 200))),),
    chapters=(Chapter("a", "b", "c", 0, 200),),
    entities=(FoundEntity("url", "example.com", 0, 90),),
    topics=TOPICS,
    safety=Safety(
        (SafetySection("Smoke.", (SafetyLabel("disasters", 0.8, None),), 0, 1, 0, 90),),
        {"disasters": 0.8},
        {"disasters": SeverityShares(0.5, 0.25, 0.25)},
    ),
    custom_topics=TOPICS,
    unavailable=(Unavailable("summarization", "It failed."),),
).by("auto_highlights", "statistical", "A notice.")
RESULTS = [
    TranscriptResult(WORDS, (Utterance(WORDS, "1", 1),), 61_001, 2, "en_us", "moonshine", ("w",)),
    TranscriptResult((), None, 200, None, "en_us", "moonshine"),
    TranscriptResult((), None, 1, None, "en", "moonshine", language_finding=LanguageFinding(0.5)),
    TranscriptResult(
        (), None, 1, None, "es", "w", (), LanguageFinding(0.4, (("en", 0.6), ("es", 0.4)))
    ),
    TranscriptResult((), None, 1, None, "en", "m", known_speakers=()),
    TranscriptResult(
        (), None, 1, None, "en", "m", known_speakers=(KnownSpeaker("1A", "María", 0.93),)
    ),
    TranscriptResult((), None, 1, None, "en", "m", findings=FINDINGS),
    TranscriptResult((), None, 1, None, "en", "m", findings=Findings(key_phrases=())),
    TranscriptResult((), None, 1, None, "en", "m", unredacted=Unredacted(WORDS, None)),
    TranscriptResult(
        (), (), 1, None, "en", "m", unredacted=Unredacted(WORDS, (Utterance(WORDS, "1", 1),))
    ),
]


def insert(conn: sa.Connection, transcript_id: str) -> None:
    insert_project_if_absent(conn, "p", "law", utc_now())
    insert_transcript(
        conn,
        NewTranscript(
            id=transcript_id,
            project_id="p",
            audio_url="http://a",
            request={},
            options=TranscriptOptions(),
            created_at=utc_now(),
        ),
    )


def test_a_result_comes_back_whole(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for number, result in enumerate(RESULTS):
            insert(conn, str(number))
            save_result(conn, str(number), result)
            assert find_result(conn, str(number)) == result
        delete_result(conn, "0")
        assert find_result(conn, "0") is None
        assert find_result(conn, "1") == RESULTS[1]


def test_findings_of_features_of_a_newer_version_are_read(engine: sa.Engine) -> None:
    newer = {
        "summary": "Smoke.",
        "moods": ["calm"],
        "methods": [{"feature": "moods", "name": "m", "notice": None, "since": 2}],
        "unavailable": [{"feature": "colours", "reason": "None were seen."}],
    }
    with engine.begin() as conn:
        insert(conn, "t")
        save_result(conn, "t", RESULTS[1])
        conn.execute(sa.update(transcript_results).values(findings=newer))
        read = find_result(conn, "t")
    assert read is not None
    assert read.findings == Findings(
        summary="Smoke.",
        methods=(Method("moods", "m"),),
        unavailable=(Unavailable("colours", "None were seen."),),
    )
