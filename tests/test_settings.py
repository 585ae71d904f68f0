import ast
import os
from collections import defaultdict
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import earshot
from earshot.errors import SettingsInvalid
from earshot.llm.endpoints import LlmEndpoint
from earshot.recognition.loading import ComputeOptions, PoolPolicy
from earshot.settings import (
    Settings,
    child_environment,
    load_settings,
    unknown_variables,
    variable_of,
)

SOURCE = Path(earshot.__file__).parent
REFERENCE = SOURCE.parents[1] / "docs" / "reference" / "settings.md"
every_setting = pytest.mark.parametrize("name", [one.name for one in fields(Settings)])


def write_config(path: Path, text: str) -> dict[str, str]:
    """An environment that names a configuration file with that text."""
    config = path / "earshot.toml"
    config.write_text(text, encoding="utf-8")
    return {"EARSHOT_CONFIG": str(config)}


class TestPrecedence:
    def test_without_anything_the_defaults_hold(self) -> None:
        assert load_settings({}) == Settings()

    def test_a_file_wins_over_a_default(self, tmp_path: Path) -> None:
        assert load_settings(write_config(tmp_path, "port = 9000")).port == 9000

    def test_the_environment_wins_over_a_file(self, tmp_path: Path) -> None:
        environment = write_config(tmp_path, "port = 9000\nhost = '::1'")
        settings = load_settings({**environment, "EARSHOT_PORT": "9001"})
        assert (settings.port, settings.host) == (9001, "::1")

    def test_the_command_line_wins_over_the_environment(self) -> None:
        assert load_settings({"EARSHOT_PORT": "9001"}, port=9002).port == 9002

    def test_an_option_that_was_not_given_overrules_nothing(self) -> None:
        assert load_settings({"EARSHOT_PORT": "9001"}, port=None).port == 9001

    def test_an_empty_variable_is_as_good_as_none(self, tmp_path: Path) -> None:
        environment = write_config(tmp_path, "port = 9000")
        assert load_settings({**environment, "EARSHOT_PORT": ""}).port == 9000

    def test_a_file_named_on_the_command_line_wins_over_the_environments(
        self, tmp_path: Path
    ) -> None:
        environment = write_config(tmp_path, "port = 9000")
        other = tmp_path / "other.toml"
        other.write_text("port = 9005")
        assert load_settings(environment, config=other).port == 9005

    def test_the_environment_is_that_of_the_process_unless_another_is_given(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EARSHOT_PORT", "9010")
        assert load_settings().port == 9010


class TestValues:
    def test_hosts_are_separated_by_commas_or_listed_in_a_file(self, tmp_path: Path) -> None:
        from_text = load_settings({"EARSHOT_FETCH_ALLOW": "nas.local, 10.0.0.0/8,"})
        from_file = load_settings(write_config(tmp_path, 'fetch_allow = ["nas.local"]'))
        assert from_text.fetch_allow == ("nas.local", "10.0.0.0/8")
        assert from_file.fetch_allow == ("nas.local",)

    def test_tiers_are_pairs_or_a_table_in_a_file(self, tmp_path: Path) -> None:
        from_text = load_settings(
            {"EARSHOT_TIERS": "universal-3-pro = whisper-small, nano=moonshine"}
        )
        from_file = load_settings(
            write_config(tmp_path, "[tiers]\nuniversal-3-pro = 'whisper-small'\nnano = 'moonshine'")
        )
        assert from_text.tiers == from_file.tiers
        assert from_text.engine_of_tier == {
            "universal-3-pro": "whisper-small",
            "nano": "moonshine",
        }

    def test_prices_are_pairs_or_a_table_in_a_file(self, tmp_path: Path) -> None:
        from_text = load_settings({"EARSHOT_PRICES": "transcription=0.25, llm-input/qwen=1"})
        from_file = load_settings(
            write_config(tmp_path, "[prices]\ntranscription = 0.25\n'llm-input/qwen' = 1")
        )
        assert from_text.price_table == from_file.price_table
        assert load_settings({}).price_table is None
        with pytest.raises(SettingsInvalid, match=r"EARSHOT_PRICES.*coffee"):
            load_settings({"EARSHOT_PRICES": "coffee=2"})

    def test_projects_that_settings_go_by_are_known(self) -> None:
        settings = load_settings(
            {
                "EARSHOT_LLM_EXCEPT": "law",
                "EARSHOT_SOURCE_BUCKETS": "s3://all,press=s3://recordings",
            }
        )
        assert settings.named_projects == {"law", "press"}

    def test_models_of_ones_own_become_specs(self) -> None:
        settings = load_settings({"EARSHOT_OWN_MODELS": "a=whisper:sv+en:/m/a,b=canary:de:/m/b"})
        assert [spec.name for spec in settings.own_model_specs] == ["a", "b"]

    def test_engines_get_their_device_threads_and_memory(self) -> None:
        settings = load_settings(
            {
                "EARSHOT_DEVICE": "cuda",
                "EARSHOT_COMPUTE_TYPE": "float16",
                "EARSHOT_WORKER_THREADS": "3",
                "EARSHOT_MODEL_MEMORY_MB": "2000",
                "EARSHOT_MODEL_IDLE_S": "60",
                "EARSHOT_SECOND_HEARINGS": "always",
            }
        )
        assert settings.compute == ComputeOptions("cuda", "float16", 3, "always")
        assert settings.engines == PoolPolicy(2_000_000_000, 60)

    def test_second_hearings_are_of_a_known_kind(self) -> None:
        with pytest.raises(SettingsInvalid, match="short, always, never"):
            load_settings({"EARSHOT_SECOND_HEARINGS": "sometimes"})

    def test_the_first_language_model_and_more_by_name(self, tmp_path: Path) -> None:
        first = {
            "EARSHOT_LLM_URL": "http://llm/v1/",
            "EARSHOT_LLM_MODEL": "small",
            "EARSHOT_LLM_KEY": "s3cret",
        }
        more = "[llms.legal]\nurl = 'https://l/v1'\nmodel = 'large'\nprojects = ['law']"
        settings = load_settings({**write_config(tmp_path, more), **first})
        assert settings.llm_endpoints == (
            LlmEndpoint("default", "http://llm/v1", "small", "s3cret"),
            LlmEndpoint("legal", "https://l/v1", "large", None, ("law",)),
        )
        handed_on = load_settings(settings.as_environment())
        assert handed_on.llm_endpoints == settings.llm_endpoints
        assert "s3cret" not in repr(settings)
        assert load_settings({}).llm_endpoints == ()

    def test_the_projects_of_language_models_are_those_that_any_setting_names(self) -> None:
        settings = load_settings(
            {
                "EARSHOT_LLMS": '{"l": {"url": "http://l", "model": "m", "projects": ["a", "b"]}}',
                "EARSHOT_LLM_EXCEPT": "c, d",
            }
        )
        assert settings.llm_projects == ("a", "b", "c", "d")
        assert load_settings({}).llm_projects == ()

    def test_a_tilde_is_the_home_folder(self) -> None:
        assert load_settings({"EARSHOT_DATA": "~/speech"}).data == Path.home() / "speech"

    def test_a_public_url_loses_the_slash_at_its_end(self) -> None:
        settings = load_settings({"EARSHOT_PUBLIC_URL": "https://speech.example.com/"})
        assert settings.public_url == "https://speech.example.com"

    def test_a_generation_may_be_a_number_in_a_file(self, tmp_path: Path) -> None:
        assert load_settings(write_config(tmp_path, "compat = 2025")).compat == "2025"

    def test_database_and_media_lie_in_the_data_folder_unless_they_are_named(self) -> None:
        settings = load_settings({"EARSHOT_DATA": "/speech"})
        assert settings.database == "sqlite:////speech/earshot.db"
        assert settings.media == "/speech/media"
        named = replace(settings, database_url="postgresql://db/speech", media_url="s3://bucket")
        assert (named.database, named.media) == ("postgresql://db/speech", "s3://bucket")

    @pytest.mark.parametrize(
        ("host", "is_loopback"),
        [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
    )
    def test_a_server_knows_whether_only_this_machine_reaches_it(
        self, host: str, is_loopback: bool
    ) -> None:
        assert replace(Settings(), host=host).listens_on_loopback is is_loopback


class TestBadValues:
    def test_half_a_language_model_is_refused(self) -> None:
        with pytest.raises(SettingsInvalid, match="EARSHOT_LLM_MODEL"):
            load_settings({"EARSHOT_LLM_URL": "http://llm/v1"})

    def test_a_secret_with_a_mistake_in_it_is_not_repeated(self) -> None:
        mistaken = '{"legal": {"url": "http://llm", "key": "s3cret"}}'
        with pytest.raises(SettingsInvalid, match="legal must have a model") as refused:
            load_settings({"EARSHOT_LLMS": mistaken})
        assert "s3cret" not in str(refused.value)

    def test_a_password_in_the_url_of_a_language_model_is_not_repeated(self) -> None:
        mistaken = {"EARSHOT_LLM_URL": "http://me:s3cret@llm/v1", "EARSHOT_LLM_MODEL": "m"}
        with pytest.raises(SettingsInvalid, match="without user or password") as refused:
            load_settings(mistaken)
        assert "s3cret" not in str(refused.value)

    def test_no_second_language_model_is_called_default(self) -> None:
        second = '{"default": {"url": "http://llm", "model": "m"}}'
        with pytest.raises(SettingsInvalid, match="the name of the one at EARSHOT_LLM_URL"):
            load_settings({"EARSHOT_LLMS": second})

    def test_a_project_cannot_have_a_language_model_and_none(self) -> None:
        has_one = '{"l": {"url": "http://llm", "model": "m", "projects": ["law"]}}'
        with pytest.raises(SettingsInvalid, match="both name 'law'"):
            load_settings({"EARSHOT_LLMS": has_one, "EARSHOT_LLM_EXCEPT": "law"})

    def test_a_tier_of_language_models_must_be_one_of_them(self) -> None:
        one = {"EARSHOT_LLM_URL": "http://127.0.0.1:1/v1", "EARSHOT_LLM_MODEL": "tiny"}
        settings = load_settings({**one, "EARSHOT_LLM_TIERS": "gpt-5=default"})
        assert settings.llm_of_tier == {"gpt-5": "default"}
        with pytest.raises(SettingsInvalid, match="names no endpoint: 'large'"):
            load_settings({**one, "EARSHOT_LLM_TIERS": "gpt-5=large"})

    @pytest.mark.parametrize(
        ("variable", "value", "reason"),
        [
            ("EARSHOT_PORT", "eighty", "whole number"),
            ("EARSHOT_LLM_AT_ONCE", "0", "at least 1"),
            ("EARSHOT_PORT", "-1", "whole number"),
            ("EARSHOT_PORT", "8000.5", "whole number"),
            ("EARSHOT_PORT", "65536", "at most 65535"),
            ("EARSHOT_COMPAT", "2024", "2025, 2026, lenient"),
            ("EARSHOT_PUBLIC_URL", "speech.example.com", "http:// or https://"),
            ("EARSHOT_WORKER_THREADS", "0", "at least 1"),
            ("EARSHOT_UPLOAD_MAX_BYTES", "0", "at least 1"),
            ("EARSHOT_DECODE_MEMORY_MB", "half", "whole number"),
            ("EARSHOT_TRANSCRIPT_TTL_H", "0", "over 0"),
            ("EARSHOT_TRANSCRIPT_TTL_H", "nan", "over 0"),
            ("EARSHOT_TRANSCRIPT_TTL_H", "inf", "over 0"),
            ("EARSHOT_UNUSED_UPLOAD_H", "a day", "must be a number"),
            ("EARSHOT_DEVICE", "tpu", "auto, cpu, cuda"),
            ("EARSHOT_COMPUTE_TYPE", "int3", "int8_float16"),
            ("EARSHOT_TIERS", "nano", "is no pair tier=engine"),
            ("EARSHOT_TIERS", "nano=", "is no pair tier=engine"),
            ("EARSHOT_OWN_MODELS", "mine=whisper", "name=family:languages:folder"),
            ("EARSHOT_OWN_MODELS", "mine=wav2vec:en:/m", "no family of models"),
            ("EARSHOT_MODEL_MEMORY_MB", "0", "at least 1"),
            ("EARSHOT_MODEL_IDLE_S", "0", "over 0"),
            ("EARSHOT_HUB_URL", "huggingface.co", "http:// or https://"),
        ],
    )
    def test_a_value_that_cannot_work_names_its_variable_and_what_would(
        self, variable: str, value: str, reason: str
    ) -> None:
        with pytest.raises(SettingsInvalid) as refusal:
            load_settings({variable: value})
        assert variable in str(refusal.value)
        assert value in str(refusal.value)
        assert reason in str(refusal.value)

    @pytest.mark.parametrize(
        "line",
        ["port = true", "port = 1.5", "port = -1", "data = 5", "fetch_allow = [1]", "host = ''"],
    )
    def test_a_bad_value_in_a_file_names_the_setting_and_the_file(
        self, tmp_path: Path, line: str
    ) -> None:
        name = line.split()[0]
        with pytest.raises(SettingsInvalid, match=rf"{name} in .*earshot\.toml is"):
            load_settings(write_config(tmp_path, line))

    def test_an_unknown_name_in_a_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsInvalid, match="unknown settings: hots, prot"):
            load_settings(write_config(tmp_path, "prot = 1\nhots = 'x'\nport = 1"))

    def test_a_file_that_is_not_toml_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsInvalid, match="is not TOML"):
            load_settings(write_config(tmp_path, "port: 9000"))

    def test_a_file_that_is_not_text_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "earshot.toml"
        path.write_bytes(b"\xff\xfe")
        with pytest.raises(SettingsInvalid, match="is not TOML"):
            load_settings({"EARSHOT_CONFIG": str(path)})

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsInvalid, match=r"cannot read .*gone"):
            load_settings({"EARSHOT_CONFIG": str(tmp_path / "gone.toml")})


def test_a_password_in_a_url_is_not_in_what_the_settings_show() -> None:
    settings = load_settings(
        {
            "EARSHOT_DATABASE_URL": "postgresql://earshot:hunter2@db/speech",
            "EARSHOT_MEDIA_URL": "s3://key:hunter2@bucket",
            "EARSHOT_HUB_TOKEN": "hunter2",
        }
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in f"{settings}"


def test_the_buckets_of_callers_must_not_hold_the_uploads_of_others() -> None:
    environment = {"EARSHOT_MEDIA_URL": "s3://calls/earshot"}
    allowed = load_settings({**environment, "EARSHOT_SOURCE_BUCKETS": "s3://calls/in,gs://calls"})
    assert allowed.egress.source_buckets == ("s3://calls/in", "gs://calls")
    with pytest.raises(SettingsInvalid, match="must not hold what is at EARSHOT_MEDIA_URL"):
        load_settings({**environment, "EARSHOT_SOURCE_BUCKETS": "team=s3://calls"})


class TestChildProcesses:
    def test_a_child_has_the_settings_that_its_parent_was_given(self, tmp_path: Path) -> None:
        environment = write_config(tmp_path, "port = 9000\nwebhook_allow = ['10.0.0.0/8']")
        settings = load_settings({**environment, "EARSHOT_UNUSED_UPLOAD_H": "1.5"}, port=9001)
        assert load_settings(settings.as_environment()) == settings

    def test_a_default_on_the_command_line_wins_over_the_file_in_the_child_too(
        self, tmp_path: Path
    ) -> None:
        environment = write_config(tmp_path, "port = 9000")
        settings = load_settings(environment, port=Settings().port)
        assert load_settings(settings.as_environment()).port == Settings().port

    def test_a_child_keeps_the_rest_of_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EARSHOT_PORT", "9000")
        environment = child_environment(replace(Settings(), port=9001))
        assert environment["EARSHOT_PORT"] == "9001"
        assert environment["PATH"] == os.environ["PATH"]  # noqa: TID251 - what is compared with

    @given(
        st.builds(
            Settings,
            port=st.integers(0, 65535),
            host=st.sampled_from(["127.0.0.1", "0.0.0.0", "::"]),
            public_url=st.none() | st.just("https://speech.example.com"),
            fetch_allow=st.lists(st.sampled_from(["nas.local", "10.0.0.0/8"])).map(tuple),
            transcript_ttl_h=st.none() | st.floats(0.001, 1e6),
            compat=st.sampled_from(["2025", "2026", "lenient"]),
            tiers=st.lists(st.sampled_from(["nano=moonshine", "best=whisper-small"])).map(tuple),
            device=st.sampled_from(["auto", "cpu", "cuda"]),
            second_hearings=st.sampled_from(["short", "always", "never"]),
        )
    )
    def test_any_settings_survive_the_way_through_an_environment(self, settings: Settings) -> None:
        assert load_settings(settings.as_environment()) == settings


class TestEverySetting:
    @every_setting
    def test_a_setting_is_explained_and_its_variable_is_in_the_reference(self, name: str) -> None:
        (one,) = [one for one in fields(Settings) if one.name == name]
        assert one.metadata["explanation"].endswith(".")
        assert variable_of(one) in REFERENCE.read_text(encoding="utf-8")

    @every_setting
    def test_a_setting_is_read_somewhere(self, name: str) -> None:
        if name == "config":
            return  # load_settings reads it, before there are settings
        used = _reads_outside()
        by_property = _reads_by_property()
        assert name in used or any(
            name in by_property[composed] for composed in used & by_property.keys()
        )


@cache
def _reads_outside() -> frozenset[str]:
    """The attributes that any other module reads of something called settings."""
    return frozenset(
        node.attr
        for path in SOURCE.rglob("*.py")
        if path.name != "settings.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("settings")
    )


def _reads_by_property() -> dict[str, set[str]]:
    """What each property of the settings reads of them, by the property's name."""
    tree = ast.parse((SOURCE / "settings.py").read_text(encoding="utf-8"))
    (settings,) = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    reads: dict[str, set[str]] = defaultdict(set)
    for method in settings.body:
        if isinstance(method, ast.FunctionDef) and method.decorator_list:
            for node in ast.walk(method):
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
                    reads[method.name].add(node.attr)
    return reads


@pytest.mark.parametrize(
    ("variable", "raw"),
    [
        ("EARSHOT_LOG_LEVEL", "loud"),
        ("EARSHOT_FETCH_ALLOW", "http://media.internal"),
        ("EARSHOT_WEBHOOK_ALLOW", "10.0.0.0/8,hooks:443"),
        ("EARSHOT_SOURCE_BUCKETS", "s3://calls,calls"),
        ("EARSHOT_EXTRA_CA_FILE", "/nowhere/ca.pem"),
        ("EARSHOT_TLS", "perhaps"),
        ("EARSHOT_TLS_PORT", "65536"),
    ],
)
def test_what_would_fail_later_is_refused_at_the_start(variable: str, raw: str) -> None:
    with pytest.raises(SettingsInvalid, match=variable):
        load_settings({variable: raw})


def test_how_long_uploads_are_kept_reaches_the_retention() -> None:
    assert load_settings({}).retention.used_upload_h is None
    environment = {"EARSHOT_UNUSED_UPLOAD_H": "1", "EARSHOT_USED_UPLOAD_H": "2.5"}
    retention = load_settings(environment).retention
    assert (retention.unused_upload_h, retention.used_upload_h) == (1, 2.5)


def test_variables_that_are_no_settings_are_found_and_the_tests_own_are_not() -> None:
    environment = {
        "EARSHOT_PROT": "1",
        "EARSHOT_PORT": "1",
        "EARSHOT_TEST_DATABASE_URL": "postgresql://db",
        "PATH": "/bin",
    }
    assert unknown_variables(environment) == ["EARSHOT_PROT"]
