"""`earshot doctor`: what is installed, what is missing, and what to do about it."""

import os
import platform
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import typer

from earshot import __version__
from earshot.accounts.projects import DEFAULT_PROJECT
from earshot.api.schemas.speech_models import is_speech_model
from earshot.audio.speech import Span
from earshot.audio.waveform import Waveform, samples_from_pcm16
from earshot.cli.options import ConfigOption, DataOption
from earshot.diarization.diarizer import Diarizer
from earshot.egress.bucket_access import try_bucket
from earshot.egress.target import host_for_log
from earshot.errors import EarshotError, ModelCorrupt, ModelMissing, SettingsInvalid
from earshot.models.store import ModelState
from earshot.pipeline.offline import transcribe_file
from earshot.recognition.catalog import FAMILIES, Family
from earshot.recognition.preferences import DEFAULT_TIER
from earshot.settings import Settings, load_settings, unknown_variables, variable_of
from earshot.storage.projects import find_project_by_name
from earshot.transcript.options import TranscriptOptions
from earshot.wiring.features import ask_for_a_sign
from earshot.wiring.installed import DIARIZER, offered_engines, open_models, read_tiers
from earshot.wiring.llm_projects import require_llm_projects
from earshot.wiring.models import find_diarizer, load_stages
from earshot.wiring.records import open_records

EXIT_PROBLEMS = 1
# A database that can be opened and read may have no room: what it writes first is as large.
WRITTEN_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where all is well."""

    subject: str
    is_well: bool
    explanation: str
    remedy: str = ""


def doctor(data: DataOption = None, config: ConfigOption = None) -> None:
    """Look at this installation and say in plain words what works and what to do about the rest.

    Example: `earshot doctor`
    """
    settings = load_settings(data=data, config=config)
    findings = list(_examine(settings))
    for finding in findings:
        print(f"{'ok  ' if finding.is_well else 'FAIL'}  {finding.subject}: {finding.explanation}")
        if finding.remedy:
            print(f"      -> {finding.remedy}")
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(EXIT_PROBLEMS)


def _examine(settings: Settings) -> Iterator[Finding]:
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("earshot", is_well=True, explanation=f"{__version__}, {python}")
    try:
        yield from _examine_models(settings)
    except Exception as error:  # noqa: BLE001 - as below
        remedy = "check EARSHOT_MODELS, and who owns the folder"
        yield Finding("models", is_well=False, explanation=_explain(error), remedy=remedy)
    yield from _examine_engines(settings)
    yield from _examine_tiers(settings)
    for name in unknown_variables():
        yield Finding(
            f"variable {name}",
            is_well=False,
            explanation="is no setting of Earshot's, and has no effect",
            remedy=_spelling_remedy(name),
        )
    yield _attempt(
        "audio",
        lambda: _transcribe_silence(settings),
        "a recording was decoded and recognised",
        "reinstall with `pip install --force-reinstall av onnxruntime`",
    )
    yield from _examine_speakers(settings)
    yield from _examine_language_models(settings)
    yield from _examine_buckets(settings)
    yield _attempt(
        "data",
        lambda: _use_data(settings),
        f"{settings.data} can be written, the database answers",
        "check EARSHOT_DATA and EARSHOT_DATABASE_URL, who owns the folder, and its disk",
    )


def _examine_models(settings: Settings) -> Iterator[Finding]:
    for state in open_models(settings).states():
        spec = state.spec
        if spec.layout is not None and not (state.is_present or state.is_damaged):
            continue  # one of many to choose from, which `earshot models list` shows
        yield Finding(
            f"model {spec.name}",
            is_well=not state.is_damaged and (state.is_present or not spec.is_required),
            explanation=f"{_condition(state)}; it {spec.purpose}",
            remedy=_model_remedy(state),
        )


def _condition(state: ModelState) -> str:
    if state.is_damaged:
        return "damaged"
    return "present" if state.is_present else "missing"


def _model_remedy(state: ModelState) -> str:
    name = state.spec.name
    if state.is_damaged:
        return f"earshot models rm {name}, then earshot models pull {name}"
    return "" if state.is_present else f"earshot models pull {name}"


def _examine_engines(settings: Settings) -> Iterator[Finding]:
    """Every kind of engine: installed or not, and where it runs."""
    for name, family in FAMILIES.items():
        if not family.is_installed:
            explanation = f"not installed; if wanted, {family.how_to_install}"
            yield Finding(f"engine {name}", is_well=True, explanation=explanation)
        elif family.package is None:
            yield Finding(f"engine {name}", is_well=True, explanation="built in; runs on cpu")
        else:
            yield _attempt(
                f"engine {name}",
                partial(_engine_device, family, settings),
                f"{family.package} {family.package_version}",
                f"reinstall it, {family.how_to_install}",
            )


def _engine_device(family: Family, settings: Settings) -> str:
    return f"runs on {family.load_module().describe_device(settings.compute)}"


def _examine_tiers(settings: Settings) -> Iterator[Finding]:
    """What is behind each tier that the settings name."""
    try:
        store = open_models(settings)
        tiers = read_tiers(settings, store)
        offered = {offer.name for offer in offered_engines(settings, store)}
    except EarshotError as error:
        yield Finding("tiers", is_well=False, explanation=str(error), remedy="check EARSHOT_TIERS")
        return
    for tier, engine in tiers.items():
        if tier != DEFAULT_TIER and not is_speech_model(tier):
            remedy = "check EARSHOT_TIERS against the model names of the API"
            explanation = f"{engine}; but the API has no model of that name"
            yield Finding(f"tier {tier}", is_well=False, explanation=explanation, remedy=remedy)
        elif engine not in offered:
            explanation = f"{engine} is not installed, or over EARSHOT_MODEL_MEMORY_MB"
            remedy = "pull it, or let the next tier or the language decide"
            yield Finding(f"tier {tier}", is_well=False, explanation=explanation, remedy=remedy)
        else:
            yield Finding(f"tier {tier}", is_well=True, explanation=engine)


def _examine_speakers(settings: Settings) -> Iterator[Finding]:
    """Whether the model of voices works; where it is missing, that was said of the model."""
    diarizer = find_diarizer(open_models(settings))
    if diarizer is not None:
        yield _attempt(
            "speakers",
            lambda: _hear_voices(diarizer),
            "they can be told apart",
            f"earshot models rm {DIARIZER}, then earshot models pull {DIARIZER}",
        )


def _examine_language_models(settings: Settings) -> Iterator[Finding]:
    """Whether each answers, and whether the projects exist that they are for."""
    for endpoint in settings.llm_endpoints:
        yield _attempt(
            f"language model {endpoint.name}",
            partial(ask_for_a_sign, endpoint, settings),
            f"{endpoint.model} at {host_for_log(endpoint.url)} answers",
            "start it, or check EARSHOT_LLM_URL, EARSHOT_LLM_MODEL, EARSHOT_LLM_KEY; until then "
            "summaries and chapters are made of sentences that were said",
        )
    if settings.llm_projects:
        yield _attempt(
            "projects of language models",
            lambda: require_llm_projects(settings, open_records(settings)),
            "all that are named exist",
            "until then no server and no worker starts",
        )


def _examine_buckets(settings: Settings) -> Iterator[Finding]:
    """Whether each that callers may name can be read, and whether the projects exist."""
    allowed = settings.bucket_policy.allowed
    places = {f"{one.scheme}://{one.bucket}/{one.prefix}".rstrip("/"): one for one in allowed}
    for place, bucket in places.items():
        access = try_bucket(bucket, settings.egress)
        yield Finding(
            f"bucket {place}",
            is_well=not access.remedy,
            explanation=access.explanation,
            remedy=access.remedy,
        )
    for name in sorted({one.project_name for one in allowed if one.project_name is not None}):
        yield _attempt(
            f"buckets of project {name}",
            partial(_find_project, name, settings),
            "the project exists",
            f"correct the name in EARSHOT_SOURCE_BUCKETS, or make the project with its first key: "
            f"earshot keys create NAME --project '{name}'",
        )


def _find_project(name: str, settings: Settings) -> None:
    with open_records(settings).reading() as connection:
        if name != DEFAULT_PROJECT and find_project_by_name(connection, name) is None:
            raise SettingsInvalid("there is no project of that name")


def _spelling_remedy(name: str) -> str:
    known = [variable_of(one) for one in fields(Settings)]
    near = get_close_matches(name, known, n=1)
    return f"perhaps {near[0]} is meant" if near else "docs/reference/settings.md names them all"


def _attempt(subject: str, trial: Callable[[], str | None], success: str, remedy: str) -> Finding:
    """What came of the trial; a text that it gives is added to what is said of its success."""
    try:
        found = trial()
    except (ModelCorrupt, ModelMissing) as error:  # they say themselves what mends them
        return Finding(subject, is_well=False, explanation=_explain(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, this is the place that explains it
        return Finding(subject, is_well=False, explanation=_explain(error), remedy=remedy)
    explanation = success if found is None else f"{success}; {found}"
    return Finding(subject, is_well=True, explanation=explanation)


def _explain(error: Exception) -> str:
    """What went wrong, and in a driver's own words, without its statement, why."""
    explanation = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if not isinstance(error, EarshotError | OSError):
        return f"{type(error).__name__}: {explanation}"
    cause = getattr(error.__cause__, "orig", error.__cause__)
    return explanation if cause is None else f"{explanation} ({cause})"


def _transcribe_silence(settings: Settings) -> None:
    """A second of silence through the decoder and the models."""
    stages = load_stages(replace(settings, tiers=()))  # they are looked at by themselves
    try:
        with tempfile.TemporaryDirectory(prefix="earshot-") as folder:
            path = Path(folder) / "silence.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(16_000)
                file.writeframes(bytes(32_000))
            transcribe_file(path, TranscriptOptions(), stages)
    finally:
        stages.decoder.close()


def _hear_voices(diarizer: Diarizer) -> None:
    """Five seconds of silence through the model of voices."""
    silence = Waveform(samples_from_pcm16(bytes(160_000)))
    diarizer.find_tracks(silence, [Span(0, len(silence.samples))])


def _use_data(settings: Settings) -> None:
    with open_records(settings).reading() as connection:
        connection.exec_driver_sql("SELECT 1")
    with tempfile.TemporaryFile(dir=settings.data, buffering=0) as file:
        unwritten = memoryview(bytes(WRITTEN_BYTES))
        while unwritten:
            unwritten = unwritten[file.write(unwritten) :]
        os.fsync(file.fileno())


def register(app: typer.Typer) -> None:
    app.command()(doctor)
