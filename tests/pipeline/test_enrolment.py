from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from earshot.audio.waveform import Samples
from earshot.diarization.diarizer import Embedding
from earshot.diarization.known_voices import MatchPolicy
from earshot.errors import (
    AudioUnreadable,
    DiarizerFailed,
    ModelCorrupt,
    RecordingRefused,
    SeveralVoices,
    SpeakersNotInstalled,
    VoiceKnownAlready,
    VoiceTooShort,
)
from earshot.pipeline.enrolment import VoiceSample, enroll_voice, hear_samples
from earshot.pipeline.stages import Stages
from earshot.recognition.pool import RecognizerPool
from earshot.storage.known_voices import list_known_voices
from earshot.storage.projects import insert_project_if_absent
from earshot.testing import (
    NOON,
    LoudnessDetector,
    ScriptedDecoder,
    ScriptedDiarizer,
    ScriptedRecognizer,
    silence,
    tone,
)

HIS, HERS = 200.0, 400.0  # Hz: what the scripted diarizer tells voices by


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "somebody.wav"
    path.write_bytes(b"for the scripted decoder to find")
    return path


def stages_of(*samples: Samples, **changes: object) -> Stages:
    stages = Stages(
        decoder=ScriptedDecoder(np.concatenate(samples)[None]),
        detector=LoudnessDetector(),
        recognizers=RecognizerPool(ScriptedRecognizer()),
        diarizer=ScriptedDiarizer(),
    )
    return replace(stages, **changes)  # type: ignore[arg-type]


def refusal(recording: Path, stages: Stages) -> BaseException | None:
    """Why the recording is refused; the error says which one it is."""
    with pytest.raises(RecordingRefused, match=r"^somebody\.wav: ") as caught:
        hear_samples([recording], stages)
    return caught.value.__cause__


def test_a_voice_is_heard_in_all_chunks_and_the_pauses_do_not_count(recording: Path) -> None:
    stages = stages_of(tone(80_000, HIS), silence(3_000), tone(20_000, HIS))
    (sample,) = hear_samples([recording], stages)
    (alone,) = hear_samples([recording], stages_of(tone(8_000, HIS)))
    assert sample.engine == "scripted"
    assert sample.embedding.tolist() == alone.embedding.tolist()
    assert 99_000 < sample.clean_ms < 101_000


def test_a_word_of_somebody_else_does_no_harm(recording: Path) -> None:
    stages = stages_of(tone(18_000, HIS), silence(500), tone(2_000, HERS))
    (sample,) = hear_samples([recording], stages)
    (alone,) = hear_samples([recording], stages_of(tone(8_000, HIS)))
    assert sample.embedding.tolist() == alone.embedding.tolist()


def test_two_who_speak_are_refused(recording: Path) -> None:
    cause = refusal(recording, stages_of(tone(18_000, HIS), silence(500), tone(9_000, HERS)))
    assert isinstance(cause, SeveralVoices)
    assert "33%" in str(cause)


@pytest.mark.parametrize("spoken_ms", [0, 500, 4_000])
def test_too_little_speech_is_refused(recording: Path, spoken_ms: int) -> None:
    cause = refusal(recording, stages_of(tone(spoken_ms, HIS), silence(30_000)))
    assert isinstance(cause, VoiceTooShort)
    assert "5 s or more" in str(cause)


def test_a_file_that_is_no_audio_is_refused_by_its_name(recording: Path) -> None:
    broken = ScriptedDecoder(tone(1_000)[None], failure=AudioUnreadable("text/plain"))
    cause = refusal(recording, stages_of(tone(8_000, HIS), decoder=broken))
    assert isinstance(cause, AudioUnreadable)


def test_without_a_model_of_voices_it_is_said_what_is_missing(recording: Path) -> None:
    with pytest.raises(SpeakersNotInstalled):
        hear_samples([recording], stages_of(tone(8_000, HIS), diarizer=None))


def test_what_is_wrong_with_the_installation_is_not_blamed_on_the_file(recording: Path) -> None:
    lost = ScriptedDiarizer(failure=ModelCorrupt("the model is damaged"))
    with pytest.raises(DiarizerFailed, match="is missing or damaged on this server"):
        hear_samples([recording], stages_of(tone(8_000, HIS), diarizer=lost))


def sample(x: float, y: float, clean_ms: int = 10_000, engine: str = "e") -> VoiceSample:
    vector: Embedding = np.array([x, y, (1 - x**2 - y**2) ** 0.5], dtype=np.float32)
    return VoiceSample(f"{x}-{y}.wav", engine, vector, clean_ms)


@pytest.fixture
def enroll(engine: sa.Engine) -> Callable[..., list[tuple[str, int, int]]]:
    """Enrolls samples under a name, in a project; all that the project knows then."""
    with engine.begin() as connection:
        for project in ("p", "q"):
            insert_project_if_absent(connection, project, f"project {project}", NOON)

    def run(name: str, *samples: VoiceSample, project: str = "p") -> list[tuple[str, int, int]]:
        with engine.begin() as connection:
            enroll_voice(connection, project, name, samples, NOON, match_policy=MatchPolicy(0.5))
            known = list_known_voices(connection, project)
        return [(voice.name, voice.n_recordings, voice.clean_ms) for voice in known]

    return run


Enroll = Callable[..., list[tuple[str, int, int]]]


def test_several_recordings_become_one_voice(engine: sa.Engine, enroll: Enroll) -> None:
    assert enroll("Maria", sample(1, 0), sample(0.8, 0, 30_000)) == [("Maria", 2, 40_000)]
    with engine.begin() as connection:
        (known,) = list_known_voices(connection, "p")
    assert np.linalg.norm(known.embedding) == pytest.approx(1, abs=1e-5)
    assert 0.8 < known.embedding[0] < 0.9  # nearer to what was heard longer


def test_enrolling_a_name_again_adds_to_what_is_known(enroll: Enroll) -> None:
    enroll("Maria", sample(1, 0))
    assert enroll("Maria", sample(0.8, 0, 5_000)) == [("Maria", 2, 15_000)]


def test_another_engine_starts_anew(engine: sa.Engine, enroll: Enroll) -> None:
    enroll("Maria", sample(1, 0), sample(0.9, 0))
    assert enroll("Maria", sample(0, 1, engine="other")) == [("Maria", 1, 10_000)]
    with engine.begin() as connection:
        (known,) = list_known_voices(connection, "p")
    assert (known.engine, known.embedding.tolist()) == ("other", [0, 1, 0])


def test_who_enrolls_is_told_what_another_engine_knew_and_only_that(
    engine: sa.Engine, enroll: Enroll
) -> None:
    enroll("Maria", sample(1, 0), sample(0.9, 0))
    replaced = []
    for other in (sample(0.8, 0), sample(0, 1, engine="other"), sample(0, 1, engine="other")):
        with engine.begin() as connection:
            replaced.append(enroll_voice(connection, "p", "Maria", [other], NOON).replaced)
    assert replaced[0] is None
    assert replaced[1] is not None
    assert (replaced[1].engine, replaced[1].n_recordings) == ("e", 3)
    assert replaced[2] is None


def test_a_recording_of_somebody_else_is_refused_and_changes_nothing(enroll: Enroll) -> None:
    enroll("Maria", sample(1, 0))
    with pytest.raises(RecordingRefused, match=r"^0-1\.wav: .*'Maria'"):
        enroll("Maria", sample(0.9, 0), sample(0, 1), sample(0.9, 0))
    assert enroll("Theodora", sample(0, 1)) == [("Maria", 1, 10_000), ("Theodora", 1, 10_000)]


def test_who_sounds_a_little_different_on_a_telephone_is_let_in_under_the_same_name(
    enroll: Enroll,
) -> None:
    enroll("Maria", sample(1, 0))
    assert enroll("Maria", sample(0.4, 0)) == [("Maria", 2, 20_000)]
    assert enroll("Theodora", sample(0.4, 0.9))[1][0] == "Theodora"


def test_a_voice_has_one_name_in_a_project(enroll: Enroll) -> None:
    enroll("Maria", sample(1, 0))
    with pytest.raises(VoiceKnownAlready, match="Maria"):
        enroll("Theodora", sample(0.8, 0))
    assert enroll("Theodora", sample(0.8, 0), project="q") == [("Theodora", 1, 10_000)]


def test_voices_of_two_engines_are_not_compared(enroll: Enroll) -> None:
    enroll("Maria", sample(1, 0))
    known = enroll("Theodora", sample(1, 0, engine="other"))
    assert [name for name, *_ in known] == ["Maria", "Theodora"]


def test_two_who_enroll_one_voice_at_the_same_time_both_count(enroll: Enroll) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(enroll, "Maria", sample(1, 0)) for _ in range(4)]
    assert sorted(one.result()[0][1] for one in done) == [1, 2, 3, 4]
