import pytest

from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.diarization.diarizer import Track
from earshot.streaming.events import SpeakersWanted, VoicesWanted
from earshot.streaming.shared_voices import SharedVoices, attribute_words
from earshot.testing import ScriptedDiarizer, spoken_tones, tone
from earshot.transcript.options import SpeakerOptions
from earshot.transcript.words import Word
from tests.listener import TWO_VOICES

SPEECH = (Span(0, SAMPLE_RATE),)


def tracks_of(text: str) -> tuple[Track, ...]:
    samples = spoken_tones(text, word_ms=2000)
    return tuple(TWO_VOICES.find_tracks(Waveform(samples), (Span(0, len(samples)),)))


def test_voices_and_speakers_are_answered() -> None:
    shared = SharedVoices(TWO_VOICES)
    (track,) = shared.find_voices(VoicesWanted(1, Waveform(tone(1000)), SPEECH)).result()
    assert track.clean_ms == 1000
    words = (
        Word("One.", 0, 2000, 0.9),
        Word("Five.", 2100, 4000, 0.9),
        Word("Two.", 4100, 6000, 0.9),
    )
    wanted = SpeakersWanted(2, tracks_of("one five two"), words, SpeakerOptions(), 6100)
    assert shared.find_speakers(wanted).result() == [0, 1, 0]
    shared.close()


def test_what_the_diarizer_raises_is_raised_where_the_answer_is_taken() -> None:
    shared = SharedVoices(ScriptedDiarizer(failure=OSError("no memory")))
    answer = shared.find_voices(VoicesWanted(1, Waveform(tone(1000)), SPEECH))
    with pytest.raises(OSError, match="no memory"):
        answer.result()
    shared.close()


def test_there_are_no_more_speakers_than_there_may_be() -> None:
    words = (Word("One.", 0, 2000, 0.9), Word("Five.", 2100, 4000, 0.9))
    wanted = SpeakersWanted(1, tracks_of("one five"), words, SpeakerOptions(maximum=1), 5000)
    assert attribute_words(wanted) == [0, 0]
