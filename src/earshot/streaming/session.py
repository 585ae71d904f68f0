"""One live session as a state machine: audio and answers in, events out.

The session walks along its audio frame by frame. At some places, which depend on the audio alone,
it wants what it has heard recognised, and goes no further until the answer is there. So its words
depend neither on how the audio was cut into chunks nor on how long answers take.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from earshot.audio.loudness import raise_quiet
from earshot.audio.speech import FRAME_SAMPLES, StreamingSpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.recognition.language import UNDETERMINED
from earshot.recognition.recognizer import Effort, Hints, Recognition
from earshot.streaming.audio_window import AudioWindow
from earshot.streaming.events import Event, HearingWanted, LanguageHeard, SpeechStarted, TurnUpdated
from earshot.streaming.heard import HeardWord, LastHearing, heard_words
from earshot.streaming.hearing_policy import DEFAULT_HEARING_POLICY, HearingPolicy
from earshot.streaming.open_turn import OpenTurn
from earshot.streaming.options import LiveOptions
from earshot.streaming.speech_tracker import ONSET_SAMPLES, SpeechTracker
from earshot.streaming.turns import CONTINUING_WORDS, Pause, closing_by_mark
from earshot.transcript.times import ms_to_samples, samples_to_ms

MIN_SPEECH_MS = 80  # contract: ">=80 ms speech since last end"


class _Reason(Enum):
    PARTIAL = auto()
    SETTLE = auto()
    CUT = auto()  # of a turn that has become too long
    END = auto()


@dataclass(frozen=True, slots=True)
class _Request:
    request_id: int
    reason: _Reason
    start_samples: int
    end_samples: int


class LiveSession:
    """Not for several threads at once. After an error of its own it is not to be used again."""

    def __init__(
        self,
        options: LiveOptions,
        detector: StreamingSpeechDetector,
        policy: HearingPolicy = DEFAULT_HEARING_POLICY,
    ) -> None:
        self._options = options
        self._policy = policy
        self._stream = detector.open_stream()
        self._tracker = SpeechTracker()
        self._audio = AudioWindow()
        self._turn = self._new_turn()
        self._turn_order = 0
        self._window_start = 0
        self._earliest_start = 0  # what lies before belongs to a turn that has ended
        self._cursor = 0  # samples walked along
        self._commands: deque[tuple[int, Callable[[int], list[Event]]]] = deque()
        self._request: _Request | None = None
        self._n_requests = 0
        self._last_hearing = LastHearing()
        self._languages: Mapping[str, float] = {}  # as probable as the turn sounds
        self._told: TurnUpdated | None = None
        self._is_settled = False
        self._paused_utterance = False
        self._is_finishing = False
        self._has_secrets = options.redaction is not None
        self.is_finished = False
        """Whether nothing more will come: `finish` was called and the last turn has ended."""

    @property
    def received_samples(self) -> int:
        return self._audio.end_samples

    @property
    def walked_samples(self) -> int:
        """How far it has come; what is wanted later lies there or beyond."""
        return self._cursor

    @property
    def held_samples(self) -> int:
        """How many samples there is memory for."""
        return self._audio.capacity_samples

    def add_audio(self, samples: Samples) -> list[Event]:
        """Take the next samples, 16 kHz mono, as many as there are."""
        self._audio.append(samples)
        return self._advance()

    def heard(self, request_id: int, recognition: Recognition) -> list[Event]:
        """Take the answer to a HearingWanted."""
        request = self._take_request(request_id)
        events = self._absorb(request, recognition)
        return [*events, *self._conclude(request), *self._advance()]

    def drop(self, request_id: int) -> list[Event]:
        """Go on without the answer to a HearingWanted that is not urgent."""
        request = self._take_request(request_id)
        assert request.reason is _Reason.PARTIAL
        return [*self._conclude(request), *self._advance()]

    def force_endpoint(self) -> list[Event]:
        """End the turn here; without words nothing comes of it."""
        return self._command(self._end_here)

    def update(self, options: LiveOptions) -> list[Event]:
        """Go on with other options from here; what was told of the open turn's words stays."""

        def replace_options(_at_samples: int) -> list[Event]:
            self._options = options
            if not self._turn.has_words:
                self._turn.filters_profanity = options.filters_profanity
            return []

        return self._command(replace_options)

    def finish(self) -> list[Event]:
        """There is no more audio: the open turn ends. May want a last hearing."""
        return self._command(self._finish_here)

    # Walking along the audio.

    def _command(self, act: Callable[[int], list[Event]]) -> list[Event]:
        self._commands.append((self._audio.end_samples, act))
        return self._advance()

    def _advance(self) -> list[Event]:
        events: list[Event] = []
        while self._request is None and not self.is_finished:
            frame_end = self._cursor + FRAME_SAMPLES
            if self._commands and self._commands[0][0] < frame_end:
                at_samples, act = self._commands.popleft()
                events += act(at_samples)
            elif self._audio.end_samples >= frame_end:
                events += self._hear_frame(frame_end)
            else:
                break
        return events

    def _hear_frame(self, frame_end: int) -> list[Event]:
        frame = self._audio.cut(self._cursor, frame_end)
        self._cursor = frame_end
        probability = float(self._stream.hear(frame)[0])
        begins = self._tracker.hear(probability, self._options.turns.vad_threshold)
        if begins:
            return self._open_turn(probability)
        if not self._tracker.is_open:
            self._forget()
            return []
        if self._tracker.silence_frames == 0:
            self._is_settled = False
            self._paused_utterance = False
        reason = self._reason_to_hear()
        if reason:
            return [self._want_hearing(reason, self._cursor)]
        return [*self._ripen(), *self._end_if_over()]

    def _forget(self) -> None:
        """Let go of audio that will not be heard again."""
        onset = self._cursor - self._policy.lead_samples - ONSET_SAMPLES
        pause_ms = samples_to_ms(self._cursor - ONSET_SAMPLES - self._earliest_start, SAMPLE_RATE)
        if pause_ms > self._policy.max_context_pause_ms:
            self._audio.forget_before(onset)
            self._tracker.forget_before(onset)

    def _open_turn(self, probability: float) -> list[Event]:
        speech_start = max(self._earliest_start, self._tracker.speech[-1].start_samples)
        lead_start = max(self._earliest_start, speech_start - self._policy.lead_samples)
        pause_ms = samples_to_ms(speech_start - self._earliest_start, SAMPLE_RATE)
        if pause_ms > self._policy.max_context_pause_ms or not self._turn.heard_again:
            self._turn = self._new_turn()
            self._window_start = lead_start
        self._turn.begins_ms = samples_to_ms(lead_start, SAMPLE_RATE)
        self._is_settled = False
        return [SpeechStarted(samples_to_ms(speech_start, SAMPLE_RATE), round(probability, 4))]

    def _new_turn(self, context: Sequence[HeardWord] = ()) -> OpenTurn:
        filters_profanity = self._options.filters_profanity
        return OpenTurn(
            self._policy.agreement,
            context,
            filters_profanity=filters_profanity,
            writes=self._options.writes_words,
        )

    def _reason_to_hear(self) -> _Reason | None:
        silence, policy = self._tracker.silence_frames, self._policy
        settle_frames = policy.settle_frames_before(self._options.turns.min_silence_ms)
        if self._is_settled:
            return None
        if silence == settle_frames:
            return _Reason.SETTLE
        if silence == policy.pause_frames and silence < settle_frames:
            return _Reason.PARTIAL
        is_on_grid = self._cursor // FRAME_SAMPLES % policy.step_frames == 0
        if not is_on_grid or silence >= policy.pause_frames:
            return None
        is_full = policy.is_full(self._turn.n_finals, is_redacted=self._has_secrets)
        return _Reason.CUT if is_full else _Reason.PARTIAL

    # Hearing.

    def _want_hearing(self, reason: _Reason, end_samples: int) -> HearingWanted:
        self._trim(end_samples)
        self._n_requests += 1
        request = _Request(self._n_requests, reason, self._window_start, end_samples)
        self._request = request
        samples = raise_quiet(self._audio.cut(request.start_samples, end_samples))
        is_urgent = reason is not _Reason.PARTIAL
        is_doubted = self._turn.awaits_proof(samples_to_ms(end_samples, SAMPLE_RATE))
        effort = Effort.MORE if is_urgent or is_doubted else Effort.USUAL
        if reason is _Reason.SETTLE:
            effort = Effort.MOST  # only the end of the turn waits for it, and for more silence
        return HearingWanted(
            request_id=request.request_id,
            waveform=Waveform(samples),
            hints=Hints(self._options.language, self._options.vocabulary, effort=effort),
            is_urgent=is_urgent,
            wanted_at_samples=end_samples,
            lag_samples=self._audio.end_samples - end_samples,
            asks_language=self._asks_language(reason),
            draft=self._last_hearing.draft(request.start_samples),
            speech=tuple(self._tracker.speech),
        )

    def _asks_language(self, reason: _Reason) -> bool:
        """Whether the turn may end with what is heard now."""
        is_pause = self._tracker.silence_frames >= self._policy.pause_frames
        return self._options.detects_language and (is_pause or reason is not _Reason.PARTIAL)

    def _trim(self, end_samples: int) -> None:
        """Keep the window short: cut it where two final words part."""
        window_ms = samples_to_ms(end_samples - self._window_start, SAMPLE_RATE)
        if window_ms <= self._policy.max_window_ms:
            return
        latest_ms = samples_to_ms(end_samples, SAMPLE_RATE) - self._policy.keep_window_ms
        cut_ms = self._turn.find_cut(latest_ms - self._policy.keep_window_ms // 2, latest_ms)
        self._window_start = max(self._window_start, ms_to_samples(cut_ms, SAMPLE_RATE))
        self._turn.trim_before(cut_ms)
        self._audio.forget_before(self._window_start)
        self._tracker.forget_before(self._window_start)

    def _take_request(self, request_id: int) -> _Request:
        request = self._request
        assert request is not None
        assert request.request_id == request_id
        self._request = None
        return request

    def _absorb(self, request: _Request, recognition: Recognition) -> list[Event]:
        heard = heard_words(
            recognition,
            request.start_samples,
            self._tracker.speech,
            is_english=self._options.language == "en",
        )
        self._last_hearing = LastHearing(recognition, request.start_samples)
        self._languages = recognition.languages or self._languages
        self._turn.absorb(heard, samples_to_ms(request.end_samples, SAMPLE_RATE))
        is_pause = self._tracker.silence_frames >= self._policy.pause_frames
        is_last = request.reason in (_Reason.SETTLE, _Reason.END)
        self._is_settled = is_last or (is_pause and self._turn.is_settled)
        return self._tell_changes()

    def _ripen(self) -> list[Event]:
        """In a pause nothing is heard again: the silence says that the words were whole."""
        if not self._is_settled or self._turn.is_settled:
            return []
        self._turn.ripen(samples_to_ms(self._cursor, SAMPLE_RATE))
        return self._tell_changes()

    # Telling.

    def _tell_changes(self) -> list[Event]:
        if self._has_secrets:
            return []  # "finals only; suppresses partials": they would show what the end hides
        update = self._update()
        if update.words == (self._told.words if self._told else ()):
            return []
        self._told = update
        return [update]

    def _update(self, *, is_end: bool = False, utterance: str = "") -> TurnUpdated:
        return TurnUpdated(
            self._turn_order,
            self._turn.live_words(),
            is_end=is_end,
            is_formatted=self._options.writes_words,
            end_confidence=round(self._end_confidence(), 4),
            utterance=utterance,
            language=self._language() if is_end or utterance else None,
        )

    def _language(self) -> LanguageHeard | None:
        """What the turn sounds like; None where nobody asked, or nothing was heard."""
        if not (self._options.detects_language and self._languages):
            return None
        code, probability = max(self._languages.items(), key=lambda item: item[1])
        return LanguageHeard(code, round(probability, 4))

    def _end_confidence(self) -> float:
        last = self._turn.last_word
        if last is None:
            return 0.0
        closing = self._last_hearing.recognition.closing or closing_by_mark(last.form)
        pause = Pause(self._tracker.silence_ms, closing, last.text in CONTINUING_WORDS)
        return self._policy.turn_model.confidence(pause)

    # Ending.

    def _conclude(self, request: _Request) -> list[Event]:
        if request.reason is _Reason.END:
            return self._end_turn(request.end_samples)
        if request.reason is _Reason.CUT:
            return self._cut_turn()
        return self._end_if_over()

    def _end_if_over(self) -> list[Event]:
        """End the turn if the silence says so; else tell an utterance that a pause has ended."""
        turns, silence_ms = self._options.turns, self._tracker.silence_ms
        is_long = self._policy.is_long(self._turn.n_finals, is_redacted=self._has_secrets)
        shortest_ms = 0 if is_long else min(turns.min_silence_ms, turns.max_silence_ms)
        if not self._is_settled or silence_ms < shortest_ms:
            return []
        has_spoken = self._tracker.speech_ms >= MIN_SPEECH_MS
        is_sure = self._end_confidence() > turns.confidence_threshold
        if has_spoken and (is_sure or is_long or silence_ms >= turns.max_silence_ms):
            return self._end_turn(self._cursor)
        if self._paused_utterance or self._has_secrets or not self._turn.is_settled:
            return []
        self._paused_utterance = True
        utterance = self._turn.take_utterance()
        return [self._update(utterance=utterance)] if utterance else []

    def _end_here(self, at_samples: int) -> list[Event]:
        """End the turn at that place, which lies in the next frame."""
        if not self._tracker.is_open:
            return []
        if self._is_settled:
            return self._end_turn(at_samples)
        return [self._want_hearing(_Reason.END, at_samples)]

    def _finish_here(self, at_samples: int) -> list[Event]:
        self._is_finishing = True
        events = self._end_here(at_samples)
        self.is_finished = self._request is None
        return events

    def _end_turn(self, at_samples: int) -> list[Event]:
        """Tell the end of the turn, if there are words, and begin anew."""
        events: list[Event] = []
        self._turn.settle()
        if self._turn.has_words:
            events += self._tell_end()
            self._turn_order += 1
        self._begin_after(at_samples)
        self.is_finished = self._is_finishing
        return events

    def _cut_turn(self) -> list[Event]:
        """Tell the end of the turn in the middle of speech: the next one goes on from there."""
        following = self._new_turn(self._turn.heard_again)
        self._turn.hand_over(following)
        events = self._tell_end()
        self._turn_order += 1
        self._turn, self._told, self._languages = following, None, {}
        return [*events, *self._tell_changes()]

    def _tell_end(self) -> list[Event]:
        end = self._update(is_end=True, utterance=self._turn.take_utterance())
        is_told_twice = self._options.formats_turns and not self._options.writes_words
        if not (self._has_secrets or is_told_twice):
            return [end]
        formatted = self._formatted(end)
        if self._has_secrets:
            end = replace(end, written=formatted.words)
            formatted = replace(formatted, written=formatted.words)
        if not is_told_twice:
            return [end]
        return [replace(end, formatted_follows=True), formatted]

    def _begin_after(self, at_samples: int) -> None:
        """Wait for the next turn; the last words of this one will be heard again with it."""
        at_ms = samples_to_ms(at_samples, SAMPLE_RATE)
        context_ms = self._policy.max_context_ms
        window_start_ms = samples_to_ms(self._window_start, SAMPLE_RATE)
        if at_ms - window_start_ms > context_ms:
            cut_ms = self._turn.find_cut(at_ms - context_ms, at_ms - context_ms // 2)
            self._window_start = ms_to_samples(cut_ms, SAMPLE_RATE)
            self._turn.trim_before(cut_ms)
        self._turn = self._new_turn(self._turn.heard_again)
        self._told = None
        self._languages = {}
        self._tracker.close()
        self._audio.forget_before(self._window_start)
        self._tracker.forget_before(self._window_start)
        self._earliest_start = at_samples

    def _formatted(self, end: TurnUpdated) -> TurnUpdated:
        words = self._turn.formatted_words(self._options.language or UNDETERMINED)
        return replace(end, words=words, is_formatted=True, utterance="")
