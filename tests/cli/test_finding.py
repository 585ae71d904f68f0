from earshot.cli.finding import SAFETY_THRESHOLD, Find, options_to_find
from earshot.transcript.options import NOTHING_TO_FIND, SummaryOptions, UnderstandingOptions


def test_what_is_wanted_is_asked_for_and_nothing_else() -> None:
    assert options_to_find([]) == NOTHING_TO_FIND
    assert options_to_find([Find.SUMMARY, Find.SUMMARY, Find.ENTITIES]) == UnderstandingOptions(
        summary=SummaryOptions(), entities=True
    )
    assert options_to_find([Find.CHAPTERS, Find.HIGHLIGHTS, Find.TOPICS]) == UnderstandingOptions(
        chapters=True, key_phrases=True, topics=True
    )
    assert options_to_find([Find.SENTIMENT, Find.SAFETY]) == UnderstandingOptions(
        sentiment=True, safety_threshold=SAFETY_THRESHOLD
    )
