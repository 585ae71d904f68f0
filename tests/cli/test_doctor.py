import resource
import shutil
import sys

import ctranslate2
import pytest

from earshot.models.store import ModelStore
from tests.llm.server import Reply, serving
from tests.object_server import ObjectServer, running_object_server
from tests.processes import Installation

pytestmark = pytest.mark.slow


def test_a_sound_installation_is_found_sound(earshot: Installation) -> None:
    done = earshot.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    for subject in (
        "earshot",
        "model moonshine",
        "model silero",
        "model pyannote",
        "audio",
        "speakers",
        "data",
    ):
        assert f"ok    {subject}: " in done.stdout


def test_a_database_out_of_reach_is_named_with_a_remedy(earshot: Installation) -> None:
    environment = earshot.environment | {
        "EARSHOT_DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/none"
    }
    done = earshot.run("doctor", env=environment)
    assert done.returncode == 1
    assert "FAIL  data: " in done.stdout
    assert "-> check EARSHOT_DATA and EARSHOT_DATABASE_URL" in done.stdout
    assert "hidden" not in done.stdout + done.stderr


def test_a_damaged_model_is_named_with_a_remedy(earshot: Installation) -> None:
    models = earshot.folder / "models"
    (models / "moonshine").mkdir(parents=True)
    (models / "moonshine" / "encoder_model.ort").write_bytes(b"damaged")
    done = earshot.run("doctor", env=earshot.environment | {"EARSHOT_MODELS": str(models)})
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert "pull" in done.stdout


def test_a_damage_that_only_the_checksum_shows_is_not_blamed_on_packages(
    earshot: Installation, models: ModelStore
) -> None:
    damaged = earshot.folder / "models" / "moonshine" / "decoder_model_merged.ort"
    shutil.copytree(models.files("moonshine")[damaged.name].parent, damaged.parent)
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    done = earshot.run(
        "doctor", env=earshot.environment | {"EARSHOT_MODELS": str(damaged.parents[1])}
    )
    assert done.returncode == 1
    assert "FAIL  audio: " in done.stdout
    assert "pull it again" in done.stdout
    assert "pip install" not in done.stdout.partition("FAIL  audio: ")[2]


@pytest.mark.skipif(sys.platform != "linux", reason="how large files may be is limited there")
def test_data_that_can_be_read_and_not_written_are_not_well(earshot: Installation) -> None:
    assert earshot.run("doctor").returncode == 0
    limit = (resource.RLIMIT_FSIZE, (48_000, 48_000))  # what opening the database takes fits in
    done = earshot.run("doctor", preexec_fn=lambda: resource.setrlimit(*limit))
    assert done.returncode == 1
    assert "FAIL  data: File too large" in done.stdout
    assert done.stdout.count("FAIL") == 1


def test_a_damaged_database_is_named_with_a_remedy(earshot: Installation) -> None:
    earshot.data.mkdir()
    (earshot.data / "earshot.db").write_bytes(b"no database at all" * 100)
    done = earshot.run("doctor")
    assert done.returncode == 1
    assert "FAIL  data: " in done.stdout
    assert "file is not a database" in done.stdout
    assert done.stderr == ""


def test_a_media_folder_that_cannot_be_made_is_named(earshot: Installation) -> None:
    (earshot.folder / "file").touch()
    settings = {"EARSHOT_MEDIA_URL": str(earshot.folder / "file" / "media")}
    done = earshot.run("doctor", env=earshot.environment | settings)
    assert done.returncode == 1
    assert "FAIL  data: " in done.stdout
    assert "Traceback" not in done.stderr


def test_every_engine_is_told_with_the_device_it_runs_on(earshot: Installation) -> None:
    done = earshot.run("doctor")
    assert "ok    engine moonshine: built in; runs on cpu" in done.stdout
    assert "ok    engine whisper: faster-whisper " in done.stdout
    assert "; runs on cpu, int8" in done.stdout
    assert "ok    engine parakeet: onnx-asr " in done.stdout


def test_a_gpu_that_is_asked_for_and_not_there_is_told(earshot: Installation) -> None:
    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is one")
    done = earshot.run("doctor", env=earshot.environment | {"EARSHOT_DEVICE": "cuda"})
    assert "engine whisper: faster-whisper " in done.stdout
    assert "runs on cpu, int8: CTranslate2 finds no GPU" in done.stdout


def test_a_variable_that_is_no_setting_is_named_with_the_one_that_may_be_meant(
    earshot: Installation,
) -> None:
    done = earshot.run("doctor", env=earshot.environment | {"EARSHOT_PROT": "1"})
    assert done.returncode == 1
    assert "FAIL  variable EARSHOT_PROT: is no setting of Earshot's" in done.stdout
    assert "-> perhaps EARSHOT_PORT is meant" in done.stdout


def test_tiers_are_told_with_what_is_behind_them(earshot: Installation) -> None:
    tiers = "nano=moonshine,universal=whisper-small,fastest=moonshine"
    done = earshot.run("doctor", env=earshot.environment | {"EARSHOT_TIERS": tiers})
    assert done.returncode == 1
    assert "ok    tier nano: moonshine-tiny-en" in done.stdout
    assert "FAIL  tier universal: whisper-small is not installed" in done.stdout
    assert "FAIL  tier fastest: moonshine-tiny-en; but the API has no model of that name" in (
        done.stdout
    )


def test_a_tier_without_a_model_of_that_name_is_told(earshot: Installation) -> None:
    done = earshot.run("doctor", env=earshot.environment | {"EARSHOT_TIERS": "nano=wisper"})
    assert done.returncode == 1
    assert "FAIL  tiers: EARSHOT_TIERS: nano=wisper names no model; known: moonshine" in done.stdout
    assert done.stdout.count("FAIL") == 1
    assert "ok    audio: " in done.stdout
    assert "Traceback" not in done.stderr


def test_a_language_model_is_asked_for_a_sign(earshot: Installation) -> None:
    with serving([Reply('{"is_there": true}'), Reply(status=401)]) as server:
        named = {"EARSHOT_LLM_URL": server.url, "EARSHOT_LLM_MODEL": "m", "EARSHOT_LLM_KEY": "s3k"}
        well = earshot.run("doctor", env=earshot.environment | named)
        refused = earshot.run("doctor", env=earshot.environment | named)
    assert "ok    language model default: m at 127.0.0.1 answers" in well.stdout
    assert "FAIL  language model default: " in refused.stdout
    assert "status 401" in refused.stdout
    assert "s3k" not in well.stdout + refused.stdout


def test_a_project_that_only_the_settings_know_is_told_and_no_server_starts(
    earshot: Installation,
) -> None:
    misspelled = earshot.environment | {"EARSHOT_LLM_EXCEPT": "lwa"}
    done = earshot.run("doctor", env=misspelled)
    assert done.returncode == 1
    refusal = "names a project that does not exist, 'lwa'"
    assert f"FAIL  projects of language models: EARSHOT_LLMS or EARSHOT_LLM_EXCEPT {refusal}" in (
        done.stdout
    )
    assert "earshot keys create NAME --project 'lwa'" in done.stdout
    for command in ("serve", "work"):
        refused = earshot.run(command, env=misspelled)
        assert refused.returncode == 4
        assert refusal in refused.stderr


def test_buckets_that_callers_may_name_are_tried_and_their_projects_looked_for(
    earshot: Installation,
) -> None:
    with running_object_server() as objects:
        objects.put("calls", "a.wav", b"RIFF")
        buckets = "s3://calls,default=s3://calls,clinc=s3://cals/in"
        named = objects.environment | {"EARSHOT_SOURCE_BUCKETS": buckets}
        done = earshot.run("doctor", env=earshot.environment | named)
    assert done.returncode == 1
    assert "ok    bucket s3://calls: answers, and what is in it can be read" in done.stdout
    assert done.stdout.count("bucket s3://calls:") == 1
    assert "FAIL  bucket s3://cals/in: does not exist where it is looked for" in done.stdout
    assert "-> check its name, and AWS_REGION" in done.stdout
    assert "ok    buckets of project default: the project exists" in done.stdout
    assert "FAIL  buckets of project clinc: there is no project of that name" in done.stdout
    assert "earshot keys create NAME --project 'clinc'" in done.stdout


def test_where_no_bucket_is_allowed_none_is_asked(earshot: Installation) -> None:
    unreachable = ObjectServer("http://127.0.0.1:9").environment
    done = earshot.run("doctor", env=earshot.environment | unreachable)
    assert done.returncode == 0, done.stdout
    assert "bucket " not in done.stdout
    assert "buckets " not in done.stdout
