from earshot.streaming.events import LiveWord, TurnUpdated


def test_the_transcript_is_the_final_words() -> None:
    words = (
        LiveWord("my", 0, 100, 0.9, is_final=True),
        LiveWord("name", 100, 200, 0.9, is_final=True),
        LiveWord("son", 200, 300, 0.9, is_final=False),
    )
    update = TurnUpdated(0, words, is_end=False, is_formatted=False, end_confidence=0.1)
    assert update.transcript == "my name"
