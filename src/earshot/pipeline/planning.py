"""From what is asked, and maybe what is heard, to the plan of one recording."""

from dataclasses import replace
from typing import cast

from earshot.audio.segments import pack_segments
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.language import Probabilities, decide_language
from earshot.pipeline.plan import Plan, make_plan
from earshot.pipeline.understanding import require_redactable
from earshot.recognition.language import ENGLISH, EnglishDetector, LanguageDetector
from earshot.recognition.pool import RecognizerPool
from earshot.transcript.options import LanguageDetection, TranscriptOptions

# More speech makes no detector surer: Whisper hears 30 s at a time.
ENOUGH_SAMPLES = 30 * SAMPLE_RATE
# However rare speech is, no more of the recording waits for its language than ten minutes.
MAX_CHUNKS = 10


class Planner:
    """Plans one recording: at once or, if its language is to be detected, once enough is heard.

    Whoever cuts the recording calls `hear` with every chunk, in order, and `conclude` after the
    last; `plan` is there as soon as it is made, and nothing may be recognised before.
    """

    def __init__(
        self, options: TranscriptOptions, recognizers: RecognizerPool, plan: Plan | None = None
    ) -> None:
        """`plan` is one that was made before, and is kept.

        Raises LanguageNotInstalled and ModelNotInLanguage, where the language is given.
        """
        self._options = options
        self._recognizers = recognizers
        self._heard: list[Waveform] = []
        self._n_chunks = 0
        self.plan = plan
        if plan is None and options.language_detection is None:
            self.plan = self._make_plan(options)

    def hear(self, chunk: Chunk) -> Plan | None:
        """The plan, if it is made by now.

        Raises LanguageNotInstalled, ModelNotInLanguage, LanguageUncertain and NoSpokenAudio where
        the language that was asked to be found cannot be transcribed, or what is said in it not be
        hidden as asked, is not sure enough, or nobody speaks.
        """
        if self.plan is None:
            self._listen(chunk)
            if self._has_enough() or (self._heard and self._n_chunks >= MAX_CHUNKS):
                return self.conclude()
        return self.plan

    def conclude(self) -> Plan:
        """The plan, by what was heard so far; raises as `hear` does."""
        detection = self._options.language_detection
        if self.plan is None and detection is not None:
            self.plan = self._plan_by_ear(detection)
        assert self.plan is not None
        return self.plan

    def _listen(self, chunk: Chunk) -> None:
        self._n_chunks += 1
        samples = chunk.samples
        for segment in pack_segments(chunk.speech, samples, chunk.probabilities):
            if not self._has_enough():
                heard = samples[segment.start_samples : segment.end_samples]
                self._heard.append(Waveform(heard))

    def _has_enough(self) -> bool:
        return sum(len(segment.samples) for segment in self._heard) >= ENOUGH_SAMPLES

    def _plan_by_ear(self, detection: LanguageDetection) -> Plan:
        code, finding = decide_language(self._detect(), detection)
        self._heard.clear()
        return replace(self._make_plan(replace(self._options, language_code=code)), finding=finding)

    def _make_plan(self, options: TranscriptOptions) -> Plan:
        require_redactable(options.language_code, options.redaction)
        return make_plan(options, self._recognizers)

    def _detect(self) -> Probabilities:
        if not self._heard:
            return {}
        name = self._recognizers.detector()
        if name is not None:
            with self._recognizers.lease(name) as recognizer:
                return cast("LanguageDetector", recognizer).detect(self._heard)
        with self._recognizers.lease(self._recognizers.choose(ENGLISH)) as recognizer:
            return EnglishDetector(recognizer).detect(self._heard)
