"""Who is heard in a live session: which audio is listened to, and what was heard in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from earshot.audio.loudness import raise_quiet
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.diarization.diarizer import Stretch, Track
from earshot.streaming.audio_window import AudioWindow
from earshot.streaming.events import HearingWanted, VoicesWanted
from earshot.transcript.times import ms_to_samples, samples_to_ms


@dataclass(frozen=True, slots=True)
class ListeningPolicy:
    """When voices are listened to, and to how much.

    It is in every pause, and after `step_ms` of speech without one; less than `least_ms` waits for
    more. What is short brings along what was said before, so that there are `together_ms` of speech
    if it can be. `window_ms` of audio around it help to tell where voices change.
    """

    step_ms: int = 5000
    least_ms: int = 250
    together_ms: int = 2000
    window_ms: int = 10_000


DEFAULT_LISTENING_POLICY = ListeningPolicy()


@dataclass(frozen=True, slots=True)
class _Asked:
    window_start: int  # in samples of the session, like the two others
    start: int
    end: int


class VoiceListener:
    """Asks for voices, each stretch of speech once, and keeps those that were heard.

    Where it asks depends on where the session wants to hear words, which depends on the audio
    alone.
    """

    def __init__(self, policy: ListeningPolicy = DEFAULT_LISTENING_POLICY) -> None:
        self._policy = policy
        self._audio = AudioWindow()
        self._listened = 0  # up to here, in samples
        self._asked: dict[int, _Asked] = {}
        self._heard: dict[int, tuple[Track, ...]] = {}
        self.last_id = 0
        """The last request; the next one will be greater."""

    @property
    def held_samples(self) -> int:
        """How many samples there is memory for."""
        return self._audio.capacity_samples

    def add_audio(self, samples: Samples, walked_samples: int) -> None:
        """Take the next samples; nothing will be asked of what lies far before the other place."""
        self._audio.append(samples)
        self._audio.forget_before(walked_samples - self._window_samples)

    def listen(self, wanted: HearingWanted) -> VoicesWanted | None:
        """What to ask for where the session wants words, if anything."""
        end = wanted.wanted_at_samples
        fresh = _within(wanted.speech, self._listened, end)
        n_fresh = sum(span.end_samples - span.start_samples for span in fresh)
        is_pause = wanted.is_urgent or (bool(fresh) and wanted.speech[-1].end_samples <= end)
        needed_ms = self._policy.least_ms if is_pause else self._policy.step_ms
        if n_fresh < ms_to_samples(needed_ms, SAMPLE_RATE):
            return None
        start = max(self._audio.start_samples, end - self._window_samples)
        self.last_id += 1
        self._asked[self.last_id] = _Asked(start, self._listened, end)
        listened, self._listened = self._listened, end
        missing = ms_to_samples(self._policy.together_ms, SAMPLE_RATE) - n_fresh
        spans = [*_last(_within(wanted.speech, start, listened), missing), *fresh]
        speech = tuple(Span(s.start_samples - start, s.end_samples - start) for s in spans)
        waveform = Waveform(raise_quiet(self._audio.cut(start, end)))
        return VoicesWanted(self.last_id, waveform, speech, wanted.lag_samples)

    def take(self, request_id: int, tracks: Sequence[Track]) -> None:
        """Keep what was heard; what was listened to before is left out."""
        asked = self._asked.pop(request_id)
        offset_ms, start_ms, end_ms = (
            samples_to_ms(at, SAMPLE_RATE) for at in (asked.window_start, asked.start, asked.end)
        )
        cut = (_cut(track, offset_ms, start_ms, end_ms) for track in tracks)
        self._heard[request_id] = tuple(track for track in cut if track.stretches)

    def awaits(self, after_id: int, until_id: int) -> bool:
        """Whether an answer is missing to a request after the first, up to the second."""
        return any(after_id < asked_id <= until_id for asked_id in self._asked)

    def take_heard(self, request_id: int) -> list[Track]:
        """What was heard up to this request and not taken yet, in order of the requests."""
        ready = sorted(heard_id for heard_id in self._heard if heard_id <= request_id)
        return [track for heard_id in ready for track in self._heard.pop(heard_id)]

    @property
    def _window_samples(self) -> int:
        return ms_to_samples(self._policy.window_ms, SAMPLE_RATE)


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """What of the spans lies between the two."""
    cut = (Span(max(s.start_samples, start), min(s.end_samples, end)) for s in spans)
    return [span for span in cut if span.start_samples < span.end_samples]


def _last(spans: Sequence[Span], n_samples: int) -> list[Span]:
    """The end of the spans, as much as that at most."""
    kept: list[Span] = []
    for span in reversed(spans):
        if n_samples <= 0:
            break
        kept.insert(
            0, Span(max(span.start_samples, span.end_samples - n_samples), span.end_samples)
        )
        n_samples -= span.end_samples - span.start_samples
    return kept


def _cut(track: Track, offset_ms: int, start_ms: int, end_ms: int) -> Track:
    """The track in ms of the session, between the two places."""
    moved = (Stretch(s.start_ms + offset_ms, s.end_ms + offset_ms) for s in track.stretches)
    cut = (Stretch(max(s.start_ms, start_ms), min(s.end_ms, end_ms)) for s in moved)
    stretches = tuple(stretch for stretch in cut if stretch.duration_ms > 0)
    spoken_ms = sum(stretch.duration_ms for stretch in stretches)
    return replace(track, stretches=stretches, clean_ms=min(track.clean_ms, spoken_ms))
