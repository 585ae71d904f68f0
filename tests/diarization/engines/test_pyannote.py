import numpy as np
import pytest

from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.diarization.clustering import group_tracks
from earshot.diarization.diarizer import Diarizer
from earshot.diarization.speakers import Speaker
from earshot.transcript.options import SpeakerOptions


def speakers_of(diarizer: Diarizer, samples: Samples) -> list[Speaker]:
    tracks = diarizer.find_tracks(Waveform(samples), [Span(0, len(samples))])
    return group_tracks(tracks, SpeakerOptions(), len(samples) * 1000 // SAMPLE_RATE)


@pytest.mark.slow
def test_one_reader_is_one_speaker(embedded_diarizer: Diarizer, two_cities: Samples) -> None:
    (speaker,) = speakers_of(embedded_diarizer, two_cities)
    spoken_ms = sum(stretch.duration_ms for stretch in speaker.stretches)
    assert 0.8 < spoken_ms / (len(two_cities) / SAMPLE_RATE * 1000) <= 1


def test_two_readers_are_two_speakers(
    embedded_diarizer: Diarizer, beckett: Samples, another_reader: Samples
) -> None:
    first, second = speakers_of(embedded_diarizer, np.concatenate([beckett, another_reader]))
    change_ms = len(beckett) * 1000 // SAMPLE_RATE
    assert abs(second.stretches[0].start_ms - change_ms) < 1_500
    assert first.stretches[-1].end_ms < change_ms + 1_500


def test_one_voice_sounds_like_itself_and_unlike_another(
    embedded_diarizer: Diarizer, beckett: Samples, another_reader: Samples
) -> None:
    half = len(beckett) // 2
    parts = (beckett[:half], beckett[half:], another_reader)
    same, again, other = (
        max(
            embedded_diarizer.find_tracks(Waveform(part), [Span(0, len(part))]),
            key=lambda track: track.clean_ms,
        ).embedding
        for part in parts
    )
    assert same is not None
    assert again is not None
    assert other is not None
    assert float(same @ again) > 0.5 > float(same @ other)


@pytest.mark.parametrize("duration_s", [0.1, 0.5, 2.0])
def test_a_moment_of_speech_is_one_speaker_at_most(
    duration_s: float, embedded_diarizer: Diarizer, beckett: Samples
) -> None:
    moment = beckett[SAMPLE_RATE : SAMPLE_RATE + int(duration_s * SAMPLE_RATE)]
    assert len(speakers_of(embedded_diarizer, moment)) <= 1


def test_what_is_no_speech_for_the_detector_is_in_no_embedding(
    embedded_diarizer: Diarizer, beckett: Samples
) -> None:
    early = [Span(0, 4 * SAMPLE_RATE)]
    (track,) = embedded_diarizer.find_tracks(Waveform(beckett[: 8 * SAMPLE_RATE]), early)
    whole = embedded_diarizer.find_tracks(Waveform(beckett[: 4 * SAMPLE_RATE]), early)[0]
    assert track.embedding is not None
    assert whole.embedding is not None
    assert float(track.embedding @ whole.embedding) > 0.9
