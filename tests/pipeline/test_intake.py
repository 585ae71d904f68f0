import numpy as np
import pytest

from earshot.errors import TransitionImpossible
from earshot.pipeline.chunks import Chunk, Place
from earshot.pipeline.intake import Intake
from earshot.pipeline.plan import Plan
from earshot.pipeline.planning import Planner
from earshot.pipeline.workspace import Workspace
from earshot.recognition.pool import RecognizerPool
from earshot.storage.media import open_media_store
from earshot.testing import ScriptedRecognizer
from earshot.transcript.options import LanguageDetection, TranscriptOptions

SECOND = 16_000


def chunk_at(start_s: int, channel: int | None = None, *, amplitude: int = 1000) -> Chunk:
    """20 s of speech."""
    pcm = np.full(20 * SECOND, amplitude, dtype=np.int16)
    probabilities = np.ones(625, dtype=np.float32)
    return Chunk(channel, start_s * SECOND, pcm, probabilities)


class Scene:
    def __init__(self) -> None:
        self.workspace = Workspace(open_media_store("memory://"), "abc")
        self.offered: list[int] = []
        self.has_ended = False

    def intake(self, options: TranscriptOptions | None = None) -> Intake:
        pool = RecognizerPool(ScriptedRecognizer())
        planner = Planner(options or TranscriptOptions(), pool, self.workspace.find_plan())
        return Intake(self.workspace, planner, self._offer, self._check)

    def places(self) -> list[Place]:
        return list(self.workspace.load_cuts())

    def _offer(self, index: int) -> None:
        assert self.workspace.find_plan() is not None
        self.workspace.load_chunk(index)
        self.offered.append(index)

    def _check(self) -> None:
        if self.has_ended:
            raise TransitionImpossible(expected="processing", met="error")


def test_each_chunk_is_offered_as_soon_as_it_is_there() -> None:
    scene = Scene()
    intake = scene.intake()
    for n_taken in range(3):
        intake.take(chunk_at(20 * n_taken))
        assert scene.offered == list(range(n_taken + 1))
    assert intake.conclude() == 3
    assert scene.offered == [0, 1, 2]


def test_a_chunk_without_a_signal_is_neither_kept_nor_offered() -> None:
    scene = Scene()
    intake = scene.intake()
    intake.take(chunk_at(0, 1))
    intake.take(chunk_at(0, 2, amplitude=0))
    intake.take(chunk_at(20, 1))
    assert intake.conclude() == 2
    assert scene.offered == [0, 1]
    assert scene.places() == [(1, 0), (1, 20 * SECOND)]


def test_no_chunk_without_a_signal_is_taken_of_a_transcript_that_has_ended() -> None:
    scene = Scene()
    intake = scene.intake()
    scene.has_ended = True
    with pytest.raises(TransitionImpossible):
        intake.take(chunk_at(0, amplitude=0))


def test_chunks_wait_until_the_language_is_detected() -> None:
    scene = Scene()
    intake = scene.intake(TranscriptOptions(language_detection=LanguageDetection()))
    intake.take(chunk_at(0))
    assert scene.offered == []
    intake.take(chunk_at(20))
    assert scene.offered == [0, 1]


def test_a_recording_of_one_chunk_is_offered_in_the_end_at_the_latest() -> None:
    scene = Scene()
    intake = scene.intake(TranscriptOptions(language_detection=LanguageDetection()))
    intake.take(chunk_at(0))
    assert intake.conclude() == 1
    assert scene.offered == [0]


def test_no_audio_has_a_plan_and_no_chunks() -> None:
    scene = Scene()
    assert scene.intake().conclude() == 0
    assert scene.offered == []
    assert scene.workspace.find_plan() == Plan("en_us", "scripted")


def test_chunks_of_a_run_that_broke_off_keep_their_numbers_and_their_bytes() -> None:
    scene = Scene()
    first = scene.intake()
    first.take(chunk_at(0, 1))
    first.take(chunk_at(0, 2))
    scene.offered.clear()
    again = scene.intake()
    assert list(again.earlier) == [(1, 0), (2, 0)]
    # The channels may come in another order, by how much is decoded at a time.
    for chunk in (chunk_at(0, 2, amplitude=9), chunk_at(20, 2), chunk_at(0, 1), chunk_at(20, 1)):
        again.take(chunk)
    assert again.conclude() == 4
    assert scene.offered == [1, 2, 0, 3]
    assert scene.places() == [(1, 0), (2, 0), (2, 20 * SECOND), (1, 20 * SECOND)]
    assert scene.workspace.load_chunk(1).pcm[0] == 1000


def test_a_plan_of_a_run_that_broke_off_is_kept() -> None:
    scene = Scene()
    plan = Plan("es", "another")
    scene.workspace.save_plan(plan)
    intake = scene.intake(TranscriptOptions(language_detection=LanguageDetection()))
    intake.take(chunk_at(0))
    assert scene.offered == [0]
    intake.conclude()
    assert scene.workspace.find_plan() == plan


def test_nothing_is_taken_for_a_transcript_that_has_ended() -> None:
    scene = Scene()
    intake = scene.intake()
    intake.take(chunk_at(0))
    scene.has_ended = True
    with pytest.raises(TransitionImpossible):
        intake.take(chunk_at(20))
    assert scene.offered == [0]
