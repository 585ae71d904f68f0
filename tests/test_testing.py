from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.media import ChannelMode
from earshot.audio.speech import FRAME_SAMPLES, Span, SpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.errors import AudioTooShort
from earshot.pipeline.stages import MediaDecoder
from earshot.testing import (
    NOON,
    HandClock,
    LoudnessDetector,
    ScriptedDecoder,
    ScriptedDiarizer,
    ScriptedRecognizer,
    ToneRecognizer,
    silence,
    spoken_tones,
    tone,
)


class TestToneRecognizer:
    def test_it_hears_the_words_that_were_spoken_in_tones(self) -> None:
        (recognition,) = ToneRecognizer().recognize([Waveform(spoken_tones("one two _ eight"))])
        assert [word.text for word in recognition.words] == ["One", "two", "eight."]
        assert recognition.words[1].start_ms == pytest.approx(340, abs=20)
        assert recognition.words[2].start_ms == pytest.approx(1680, abs=20)

    def test_it_hears_nothing_in_silence(self) -> None:
        (recognition,) = ToneRecognizer().recognize([Waveform(silence(500))])
        assert recognition.words == ()


class TestHandClock:
    def test_it_stands_still_until_it_is_turned(self) -> None:
        clock = HandClock()
        assert clock() == clock() == NOON
        clock.turn(hours=1, seconds=5)
        assert clock() == NOON + timedelta(hours=1, seconds=5)


class TestScriptedRecognizer:
    def test_its_words_share_the_sound_of_the_segment(self) -> None:
        segment = Waveform(np.concatenate([silence(500), tone(1000), silence(500)]))
        (recognition,) = ScriptedRecognizer(("one", "two")).recognize([segment])
        first, second = recognition.words
        assert (first.text, first.start_ms, first.end_ms) == ("one", 500, 1000)
        assert (second.text, second.start_ms, second.end_ms) == ("two", 1000, 1500)

    def test_it_hears_nothing_in_silence(self) -> None:
        (recognition,) = ScriptedRecognizer().recognize([Waveform(silence(500))])
        assert recognition.words == ()

    def test_it_loops_in_long_segments_if_it_is_told_to(self) -> None:
        recognizer = ScriptedRecognizer(loops_from_s=1.0)
        short, long = recognizer.recognize([Waveform(tone(999)), Waveform(tone(1000))])
        assert not short.is_repetitive
        assert long.is_repetitive

    def test_it_fails_if_it_is_told_to(self) -> None:
        with pytest.raises(RuntimeError, match="as told"):
            ScriptedRecognizer(failure=RuntimeError("as told")).recognize([])


class TestScriptedDiarizer:
    def test_every_pitch_is_a_voice_wherever_it_is_heard_again(self) -> None:
        samples = np.concatenate([tone(500, 200), silence(500), tone(500, 400), tone(500, 200)])
        speech = [Span(0, 8000), Span(16_000, 32_000)]
        low, high = ScriptedDiarizer().find_tracks(Waveform(samples), speech)
        assert [(s.start_ms, s.end_ms) for s in low.stretches] == [(0, 500), (1500, 2000)]
        assert [(s.start_ms, s.end_ms) for s in high.stretches] == [(1000, 1500)]
        assert (low.clean_ms, high.clean_ms) == (1000, 500)
        assert low.embedding is not None
        assert high.embedding is not None
        assert float(low.embedding @ low.embedding) == 1.0
        assert float(low.embedding @ high.embedding) == 0.0

    def test_nobody_is_heard_in_silence_or_where_no_speech_is(self) -> None:
        assert ScriptedDiarizer().find_tracks(Waveform(silence(500)), [Span(0, 8000)]) == []
        assert ScriptedDiarizer().find_tracks(Waveform(tone(500)), []) == []

    def test_it_fails_if_it_is_told_to(self) -> None:
        with pytest.raises(RuntimeError, match="as told"):
            ScriptedDiarizer(failure=RuntimeError("as told")).find_tracks(Waveform(tone(5)), [])


class TestLoudnessDetector:
    def test_it_takes_sound_for_speech(self) -> None:
        detector: SpeechDetector = LoudnessDetector()
        samples = np.concatenate([silence(32), tone(32), silence(32), tone(1)])
        assert detector.speech_probabilities(samples).tolist() == [0, 1, 0, 1]

    @pytest.mark.parametrize("n_samples", [0, 1, FRAME_SAMPLES, FRAME_SAMPLES + 1])
    def test_it_has_one_probability_per_frame(self, n_samples: int) -> None:
        samples = np.ones(n_samples, dtype=np.float32)
        n_frames = -(-n_samples // FRAME_SAMPLES)
        assert LoudnessDetector().speech_probabilities(samples).tolist() == [1.0] * n_frames


class TestScriptedDecoder:
    stereo = np.stack([tone(2500), silence(2500)])

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "recording"
        path.touch()
        return path

    def test_it_gives_each_channel_or_their_mean_in_blocks(self, path: Path) -> None:
        decoder: MediaDecoder = ScriptedDecoder(self.stereo, claimed_ms=9, warnings=("Odd.",))
        with decoder.open(path, channels=ChannelMode.SPLIT, start_ms=0, end_ms=None) as media:
            split = list(media)
        with decoder.open(path, channels=ChannelMode.MIX, start_ms=0, end_ms=None) as media:
            mixed = list(media)
            assert (media.info.duration_ms, media.warnings) == (9, ("Odd.",))
        decoder.close()
        assert [block.shape for block in split] == [(2, 16_000), (2, 16_000), (2, 8_000)]
        assert [block.shape for block in mixed] == [(1, 16_000), (1, 16_000), (1, 8_000)]
        assert split[0].dtype == np.int16
        assert mixed[0].max() == pytest.approx(split[0].max() / 2, abs=1)

    def test_it_gives_the_window_that_was_asked_for(self, path: Path) -> None:
        with ScriptedDecoder(self.stereo).open(path, start_ms=500, end_ms=1750) as media:
            assert sum(block.shape[1] for block in media) == 1.25 * SAMPLE_RATE

    def test_it_fails_if_it_is_told_to(self, path: Path) -> None:
        decoder = ScriptedDecoder(self.stereo, failure=AudioTooShort())
        with pytest.raises(AudioTooShort), decoder.open(path):
            pass

    def test_a_file_that_is_not_there_cannot_be_opened(self, tmp_path: Path) -> None:
        with (
            pytest.raises(FileNotFoundError),
            ScriptedDecoder(self.stereo).open(tmp_path / "gone"),
        ):
            pass
