"""The only reader of the environment: every setting of this program, by one name each.

A setting comes from the environment (`EARSHOT_PORT`), else from the TOML file that `EARSHOT_CONFIG`
names (`port`), else from its default here. A library for this exists (pydantic-settings), but the
official SDK behaves differently where it is installed, and our users run both in one environment.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, cast, get_args

from platformdirs import user_data_path

from earshot.accounts.prices import PriceTable, read_prices
from earshot.api.compat import Compat
from earshot.api.listening import ListenOptions
from earshot.api.sync_services import SyncLimits
from earshot.audio.media import DecodeOptions
from earshot.egress.buckets import BucketPolicy, parse_buckets
from earshot.egress.options import EgressOptions
from earshot.errors import SettingsInvalid
from earshot.jobs.policy import QueuePolicy
from earshot.llm.endpoints import (
    DEFAULT_NAME,
    LlmEndpoint,
    read_endpoints,
)
from earshot.models.catalog import ModelSpec
from earshot.models.own import read_own_model
from earshot.models.sources import HUB_URL
from earshot.pipeline.policy import RetentionPolicy
from earshot.recognition.loading import ComputeOptions, Device, PoolPolicy, SecondHearings
from earshot.setting_values import (
    one_of,
    read_buckets,
    read_count,
    read_existing_file,
    read_hosts,
    read_http_url,
    read_llm_url,
    read_llms,
    read_log_level,
    read_number,
    read_own_models,
    read_path,
    read_port,
    read_price_pairs,
    read_project_names,
    read_text,
    read_tier_pairs,
    read_yes_or_no,
)

PREFIX = "EARSHOT_"
COMPUTE_TYPES = (
    "auto",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


def _known(parse: Callable[[object], object], explanation: str) -> dict[str, object]:
    """What a setting's field knows of it: how its text is read, and what it is for."""
    return {"parse": parse, "explanation": explanation}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, checked; the explanations become the reference page."""

    data: Path = field(
        default=user_data_path("earshot"),
        metadata=_known(read_path, "Folder of the database, media, certificates and locks."),
    )
    config: Path | None = field(
        default=None, metadata=_known(read_path, "TOML file with settings; environment wins.")
    )
    database_url: str | None = field(
        default=None,
        repr=False,  # it may hold a password
        metadata=_known(
            read_text,
            "`postgresql://...`, or `sqlite:///path`; default: SQLite in the data folder.",
        ),
    )
    media_url: str | None = field(
        default=None,
        repr=False,  # it may hold credentials
        metadata=_known(
            read_text, "`s3://`, `gs://`, `az://` or a folder; default: `media` in the data folder."
        ),
    )
    models: Path = field(
        default=user_data_path("earshot") / "models",
        metadata=_known(read_path, "Folder of the model files."),
    )
    own_models: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_own_models,
            "Models in folders of your own, each as `name=family:languages:folder`: see "
            "[models and languages](../howto/models-and-languages.md).",
        ),
    )
    tiers: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_tier_pairs,
            "Which engine is behind a model name of the API, as `tier=engine`; `default=engine` is "
            "for requests that name none.",
        ),
    )
    device: Device = field(
        default="auto",
        metadata=_known(
            one_of(get_args(Device)),
            "Where engines other than the embedded one run: auto, cpu or cuda.",
        ),
    )
    compute_type: str = field(
        default="auto",
        metadata=_known(
            one_of(COMPUTE_TYPES),
            "Numbers that Whisper models calculate with, such as int8 or float16; `auto` is int8 "
            "on the CPU and float16 on a GPU.",
        ),
    )
    second_hearings: SecondHearings = field(
        default="short",
        metadata=_known(
            one_of(get_args(SecondHearings)),
            "In which recordings the embedded engine hears doubtful speech again at other speeds, "
            "for fewer errors: `short` (up to 90 s, over a telephone, and live), `always` or "
            "`never`. See [faster or more accurate](../howto/models-and-languages.md).",
        ),
    )
    model_memory_mb: int = field(
        default=8000,
        metadata=_known(
            read_count, "Memory, in MB, of the models that are loaded beside the embedded one."
        ),
    )
    model_idle_s: float = field(
        default=900.0,
        metadata=_known(
            read_number,
            "Seconds without use after which a model beside the embedded one is unloaded.",
        ),
    )
    hub_url: str = field(
        default=HUB_URL,
        metadata=_known(
            read_http_url,
            "The hub that `earshot models pull` asks, or a mirror of it; may be private.",
        ),
    )
    hub_token: str | None = field(
        default=None,
        repr=False,
        metadata=_known(read_text, "Token for the hub, sent to it and to no other."),
    )
    host: str = field(
        default="127.0.0.1", metadata=_known(read_text, "Address that `serve` listens on.")
    )
    port: int = field(
        default=8000,
        metadata=_known(read_port, "Port that `serve` listens on; 0 takes a free one."),
    )
    tls: bool = field(
        default=False,
        metadata=_known(read_yes_or_no, "Speak https and wss on the port, by a CA made here."),
    )
    tls_port: int | None = field(
        default=None,
        metadata=_known(read_port, "Port that speaks https and wss beside the plain one."),
    )
    certfile: Path | None = field(
        default=None,
        metadata=_known(read_existing_file, "Your own certificate (PEM), instead of a local CA's."),
    )
    keyfile: Path | None = field(
        default=None,
        metadata=_known(read_existing_file, "The private key (PEM) of that certificate."),
    )
    public_url: str | None = field(
        default=None,
        metadata=_known(
            read_http_url,
            "Base of absolute URLs; marks the server as reachable by others than this machine.",
        ),
    )
    compat: Compat = field(
        default="lenient",
        metadata=_known(
            one_of(get_args(Compat)), "Generation of the API to follow where they differ."
        ),
    )
    fetch_allow: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_hosts, "Hosts and CIDRs that audio URLs may reach although they are private."
        ),
    )
    webhook_allow: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_hosts, "Hosts and CIDRs that webhooks may reach although they are private."
        ),
    )
    source_buckets: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_buckets,
            "Buckets that audio URLs may name, read with this server's credentials: `s3://bucket`, "
            "`gs://bucket/prefix`, `az://container`; `project=s3://bucket` for one project; see "
            "[recordings in cloud storage](../howto/cloud-storage.md). Default: none.",
        ),
    )
    extra_ca_file: Path | None = field(
        default=None,
        metadata=_known(
            read_existing_file,
            "PEM file of authorities that outbound https trusts beside the public ones.",
        ),
    )
    upload_max_bytes: int = field(
        default=2_200_000_000, metadata=_known(read_count, "Largest upload, in bytes.")
    )
    fetch_max_bytes: int = field(
        default=5_000_000_000,
        metadata=_known(read_count, "Largest recording that is downloaded, in bytes."),
    )
    max_concurrent_jobs: int = field(
        default=200,
        metadata=_known(
            read_count, "Transcripts of one project that run at once; more wait, throttled."
        ),
    )
    max_live_sessions: int = field(
        default=100,
        metadata=_known(
            read_count, "Live sessions of one project that go on at once in one process."
        ),
    )
    max_live_session_s: int = field(
        default=10_800, metadata=_known(read_count, "Seconds that a live session may last.")
    )
    max_live_ahead_s: float | None = field(
        default=None,
        metadata=_known(
            read_number,
            "Seconds of audio that a live client may be ahead of time; default: as many as it "
            "likes, for what is not heard yet is not read from the socket.",
        ),
    )
    max_sync_requests: int = field(
        default=16,
        metadata=_known(
            read_count,
            "Requests of one project that wait for a transcript at once in one process; twice as "
            "many of all projects together.",
        ),
    )
    openai_max_bytes: int = field(
        default=100_000_000,
        metadata=_known(read_count, "Largest recording that `/v1/audio` takes, in bytes."),
    )
    openai_max_s: int = field(
        default=3_600, metadata=_known(read_count, "Seconds of audio that `/v1/audio` takes.")
    )
    single_use_tokens: bool = field(
        default=False,
        metadata=_known(
            read_yes_or_no,
            "Make temporary tokens good for one live session, not until they expire.",
        ),
    )
    worker_threads: int = field(
        default=os.cpu_count() or 1,
        metadata=_known(read_count, "Chunks of audio that one worker recognises at once."),
    )
    decode_memory_mb: int = field(
        default=512,
        metadata=_known(read_count, "Memory that the isolated decoder may use, in MB."),
    )
    llm_url: str | None = field(
        default=None,
        repr=False,  # a mistaken one may hold a password
        metadata=_known(
            read_llm_url,
            "OpenAI-compatible endpoint that writes summaries and chapters, such as "
            "`http://127.0.0.1:11434/v1`; may be private. It is for every project that has none of "
            "its own. Default: none, nothing leaves.",
        ),
    )
    llm_model: str | None = field(
        default=None, metadata=_known(read_text, "Name of the model at that endpoint.")
    )
    llm_key: str | None = field(
        default=None,
        repr=False,
        metadata=_known(read_text, "Key for that endpoint, sent to it and to no other."),
    )
    llms: str | None = field(
        default=None,
        repr=False,  # there are keys in it
        metadata=_known(
            read_llms,
            "More endpoints by name, each with url, model, key and projects: tables `[llms.NAME]` "
            "in the file, or JSON; see [understanding](../howto/understanding.md).",
        ),
    )
    llm_except: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_project_names,
            "Projects whose transcripts are sent to no language model, whatever it is.",
        ),
    )
    llm_timeout_s: float = field(
        default=180.0,
        metadata=_known(read_number, "Seconds that one answer of such a model may take."),
    )
    llm_at_once: int = field(
        default=4,
        metadata=_known(
            read_count, "Questions that one worker puts to one such model at once; others wait."
        ),
    )
    llm_tiers: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_tier_pairs,
            "Which language model is behind a model name of LeMUR and of the LLM gateway, as "
            "`name=endpoint`; a name that is in no such pair stands for the project's own.",
        ),
    )
    llm_window: int = field(
        default=8192,
        metadata=_known(
            read_count,
            "Tokens that language models read at once: LeMUR gives them half of that of a "
            "transcript at a time.",
        ),
    )
    lemur_s: float = field(
        default=28.0,
        metadata=_known(
            read_number,
            "Seconds that a LeMUR request may take, all questions to language models together; "
            "the Python SDK waits for 30.",
        ),
    )
    lemur_per_min: int | None = field(
        default=None,
        metadata=_known(
            read_count,
            "LeMUR requests of one project in a minute; the hosted API has 30. Default: no limit.",
        ),
    )
    prices: tuple[str, ...] = field(
        default=(),
        metadata=_known(
            read_price_pairs,
            "What usage costs, for reports: an hour of `transcription`, `streaming`, `sync`, a "
            "million tokens of `llm-input`, `llm-output`, each as `product=price` or "
            "`product/model=price`; see [accounts](../howto/accounts.md).",
        ),
    )
    unused_upload_h: float = field(
        default=24.0,
        metadata=_known(
            read_number, "Hours after which an upload that no transcript uses is deleted."
        ),
    )
    used_upload_h: float | None = field(
        default=None,
        metadata=_known(
            read_number,
            "Hours after the end of its last transcript at which an upload is deleted; "
            "default: kept until the transcript is deleted.",
        ),
    )
    transcript_ttl_h: float | None = field(
        default=None,
        metadata=_known(read_number, "Hours after which transcripts are deleted; default: never."),
    )
    redacted_audio_h: float = field(
        default=24.0,
        metadata=_known(
            read_number, "Hours after the end of its transcript at which redacted audio is deleted."
        ),
    )
    log_level: str = field(
        default="info", metadata=_known(read_log_level, "debug, info, warning or error.")
    )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'earshot.db'}"

    @property
    def media(self) -> str:
        return self.media_url or str(self.data / "media")

    @property
    def egress(self) -> EgressOptions:
        return EgressOptions(
            fetch_allow=self.fetch_allow,
            webhook_allow=self.webhook_allow,
            source_buckets=self.source_buckets,
            fetch_max_bytes=self.fetch_max_bytes,
            extra_ca_file=self.extra_ca_file,
        )

    @property
    def price_table(self) -> PriceTable | None:
        return read_prices(self.prices) if self.prices else None

    @property
    def bucket_policy(self) -> BucketPolicy:
        """SettingsInvalid where callers could name what others have uploaded."""
        policy = parse_buckets(self.source_buckets)
        if policy.opens(self.media):
            raise SettingsInvalid(
                "EARSHOT_SOURCE_BUCKETS must not hold what is at EARSHOT_MEDIA_URL"
            )
        return policy

    @property
    def own_model_specs(self) -> tuple[ModelSpec, ...]:
        return tuple(map(read_own_model, self.own_models))

    @property
    def engine_of_tier(self) -> dict[str, str]:
        """Name of a tier -> name of an engine or its model."""
        return dict(cast("tuple[str, str]", pair.split("=", 1)) for pair in self.tiers)

    @property
    def llm_of_tier(self) -> dict[str, str]:
        """Name of a model, as callers have it -> name of an endpoint, which must be one."""
        tiers = dict(cast("tuple[str, str]", pair.split("=", 1)) for pair in self.llm_tiers)
        unknown = set(tiers.values()) - {one.name for one in self.llm_endpoints}
        if unknown:
            raise SettingsInvalid(f"EARSHOT_LLM_TIERS names no endpoint: {min(unknown)!r}")
        return tiers

    @property
    def compute(self) -> ComputeOptions:
        return ComputeOptions(
            self.device, self.compute_type, self.worker_threads, self.second_hearings
        )

    @property
    def engines(self) -> PoolPolicy:
        return PoolPolicy(self.model_memory_mb * 10**6, self.model_idle_s)

    @property
    def queue(self) -> QueuePolicy:
        return QueuePolicy(
            jobs_per_account=self.max_concurrent_jobs, parts_per_worker=self.worker_threads
        )

    @property
    def retention(self) -> RetentionPolicy:
        return RetentionPolicy(
            unused_upload_h=self.unused_upload_h,
            used_upload_h=self.used_upload_h,
            transcript_ttl_h=self.transcript_ttl_h,
            redacted_audio_h=self.redacted_audio_h,
        )

    @property
    def llm_endpoints(self) -> tuple[LlmEndpoint, ...]:
        """Those that are named, in their order; SettingsInvalid where half of one is missing."""
        others = () if self.llms is None else read_endpoints(self.llms)
        for project in self.llm_except:
            if any(project in one.projects for one in others):
                raise SettingsInvalid(f"EARSHOT_LLM_EXCEPT and EARSHOT_LLMS both name {project!r}")
        if self.llm_url is None and self.llm_model is None and self.llm_key is None:
            return others
        if self.llm_url is None or self.llm_model is None:
            missing = "EARSHOT_LLM_URL" if self.llm_url is None else "EARSHOT_LLM_MODEL"
            raise SettingsInvalid(f"{missing} must be given too where the other settings of it are")
        return (LlmEndpoint(DEFAULT_NAME, self.llm_url, self.llm_model, self.llm_key), *others)

    @property
    def llm_projects(self) -> tuple[str, ...]:
        """The projects that the settings of language models name, each once."""
        named = (project for one in self.llm_endpoints for project in one.projects)
        return tuple(dict.fromkeys((*named, *self.llm_except)))

    @property
    def sync_limits(self) -> SyncLimits:
        return SyncLimits(
            max_of_project=self.max_sync_requests,
            max_at_once=2 * self.max_sync_requests,
            max_bytes=self.openai_max_bytes,
            max_s=self.openai_max_s,
        )

    @property
    def named_projects(self) -> frozenset[str]:
        """Every project that a setting knows by its name."""
        buckets = (bucket.project_name for bucket in self.bucket_policy.allowed)
        return frozenset(self.llm_projects).union(name for name in buckets if name is not None)

    @property
    def decoding(self) -> DecodeOptions:
        return DecodeOptions(max_memory_mb=self.decode_memory_mb)

    @property
    def listening(self) -> ListenOptions:
        return ListenOptions(
            host=self.host,
            port=self.port,
            tls_port=self.tls_port,
            certfile=self.certfile,
            keyfile=self.keyfile,
        )

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS

    def as_environment(self) -> dict[str, str]:
        """Every setting that has a value, as a child process should be given them.

        Those at their defaults too: the child may read a file, or inherit variables, that this
        process was told to overrule.
        """
        environment = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None:
                text = ",".join(value) if isinstance(value, tuple) else str(value)
                environment[variable_of(one)] = text
        return environment


def variable_of(one: Field[Any]) -> str:
    """The environment variable of a setting."""
    return PREFIX + one.name.upper()


def load_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """The settings of this process; `overrides` are command-line options, None where not given.

    Raises SettingsInvalid, naming the setting and where it came from.
    """
    environment = os.environ if environment is None else environment
    given = {name: value for name, value in overrides.items() if value is not None}
    config_path = given.get("config") or environment.get(f"{PREFIX}CONFIG")
    from_file = _read_config(Path(str(config_path)).expanduser()) if config_path else {}
    values: dict[str, Any] = {}
    for one in fields(Settings):
        variable = variable_of(one)
        if one.name in given:
            values[one.name] = given[one.name]
        elif environment.get(variable):
            values[one.name] = _parse(one, environment[variable], variable)
        elif one.name in from_file:
            values[one.name] = _parse(one, from_file[one.name], f"{one.name} in {config_path}")
    settings = Settings(**values)
    _ = settings.llm_of_tier, settings.bucket_policy  # what does not fit is told at once
    return settings


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """The variables that look like settings of ours and are none: perhaps misspelled."""
    environment = os.environ if environment is None else environment
    known = {variable_of(one) for one in fields(Settings)}
    # Those of the tests are read by the tests.
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}TEST_")
    )


def _parse(one: Field[Any], raw: object, origin: str) -> object:
    try:
        return one.metadata["parse"](raw)
    except (ValueError, SettingsInvalid) as error:
        shown = repr(raw) if one.repr else "set"  # a secret is not repeated
        raise SettingsInvalid(f"{origin} is {shown}: {error}") from error


def _read_config(path: Path) -> dict[str, object]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"{PREFIX}CONFIG: cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{PREFIX}CONFIG: {path} is not TOML: {error}") from error
    unknown = content.keys() - {one.name for one in fields(Settings)}
    if unknown:
        raise SettingsInvalid(f"{path} has unknown settings: {', '.join(sorted(unknown))}")
    return content


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a child process that is to have the same settings."""
    return {**os.environ, **settings.as_environment()}
