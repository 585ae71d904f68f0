"""When somebody speaks in a live session, frame by frame."""

from earshot.audio.speech import FRAME_SAMPLES, Span
from earshot.audio.waveform import SAMPLE_RATE
from earshot.transcript.times import ms_to_samples, samples_to_ms

# Shorter sounds are clicks.
MIN_SPEECH_FRAMES = 3
# Speech goes on down to this much under where it begins, as the batch detector has it.
HYSTERESIS = 0.15
# The detector is late at soft onsets and early at soft ends.
PADDING_SAMPLES = ms_to_samples(96, SAMPLE_RATE)
# How far back the speech lies that has just begun.
ONSET_SAMPLES = MIN_SPEECH_FRAMES * FRAME_SAMPLES + PADDING_SAMPLES


class SpeechTracker:
    """Whether there is speech, for how long there has been none, and where it was."""

    def __init__(self) -> None:
        self._n_frames = 0
        self._n_in_row = 0
        self._silent_from = 0  # the frame after the last one with speech
        self.is_open = False
        self.n_speech_frames = 0
        self.speech: list[Span] = []

    @property
    def silence_frames(self) -> int:
        """How many frames have passed since the last one with speech."""
        return self._n_frames - self._silent_from

    @property
    def silence_ms(self) -> int:
        return samples_to_ms(self.silence_frames * FRAME_SAMPLES, SAMPLE_RATE)

    @property
    def speech_ms(self) -> int:
        """How much speech there has been since the last `close`."""
        return samples_to_ms(self.n_speech_frames * FRAME_SAMPLES, SAMPLE_RATE)

    def hear(self, probability: float, threshold: float) -> bool:
        """Take the next frame; True where speech has just begun after a `close`."""
        self._n_frames += 1
        lower = max(threshold - HYSTERESIS, threshold / 2)
        is_running = self.is_open and self.silence_frames <= 1
        is_speech = probability >= (lower if is_running or self._n_in_row else threshold)
        self._n_in_row = self._n_in_row + 1 if is_speech else 0
        if not is_speech:
            return False
        if self.is_open:
            self._add_frames(1)
            return False
        if self._n_in_row < MIN_SPEECH_FRAMES:
            return False
        self.is_open = True
        self._add_frames(self._n_in_row)
        return True

    def close(self) -> None:
        """What has been heard is done with: the next speech is new."""
        self.is_open = False
        self._n_in_row = 0
        self.n_speech_frames = 0

    def forget_before(self, position_samples: int) -> None:
        self.speech = [span for span in self.speech if span.end_samples > position_samples]

    def _add_frames(self, n_frames: int) -> None:
        self.n_speech_frames += n_frames
        self._silent_from = self._n_frames
        end = self._n_frames * FRAME_SAMPLES + PADDING_SAMPLES
        start = max(0, (self._n_frames - n_frames) * FRAME_SAMPLES - PADDING_SAMPLES)
        if self.speech and start <= self.speech[-1].end_samples:
            start = self.speech.pop().start_samples
        self.speech.append(Span(start, end))
