from earshot.transcript.options import LanguageDetection, SpellingRule, TranscriptOptions


def test_the_defaults_are_those_of_the_compatible_api() -> None:
    options = TranscriptOptions()
    assert options.language_code == "en_us"
    assert options.punctuate
    assert options.format_text
    assert not options.disfluencies
    assert not options.filter_profanity
    assert not options.split_channels
    assert options.speech_threshold == 0.0
    assert options.language_detection is None
    assert LanguageDetection().code_switching_threshold == 0.3


def test_options_that_ask_for_the_same_are_equal() -> None:
    first = TranscriptOptions(custom_spelling=(SpellingRule(("de carlo",), "Decarlo"),))
    second = TranscriptOptions(custom_spelling=(SpellingRule(("de carlo",), "Decarlo"),))
    assert first == second
    assert hash(first) == hash(second)
