"""`earshot doctor`: what is installed, what is missing, and what to do about it."""

import platform
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from earshot import __version__
from earshot.cli.options import ConfigOption, DataOption
from earshot.errors import EarshotError
from earshot.pipeline.offline import transcribe_file
from earshot.settings import Settings, load_settings
from earshot.transcript.options import TranscriptOptions
from earshot.wiring.models import load_stages, open_models
from earshot.wiring.records import open_records

EXIT_PROBLEMS = 1


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
    yield _attempt(
        "audio",
        lambda: _transcribe_silence(settings),
        "a recording was decoded and recognised",
        "reinstall with `pip install --force-reinstall av onnxruntime`",
    )
    yield _attempt(
        "data",
        lambda: _open_database(settings),
        f"{settings.data} can be written, the database answers",
        "check EARSHOT_DATA and EARSHOT_DATABASE_URL, and who owns the folder",
    )


def _examine_models(settings: Settings) -> Iterator[Finding]:
    for state in open_models(settings).states():
        spec = state.spec
        yield Finding(
            f"model {spec.name}",
            is_well=state.is_present or not spec.is_required,
            explanation=f"{'present' if state.is_present else 'missing'}; it {spec.purpose}",
            remedy="" if state.is_present else f"earshot models pull {spec.name}",
        )


def _attempt(subject: str, trial: Callable[[], None], success: str, remedy: str) -> Finding:
    try:
        trial()
    except Exception as error:  # noqa: BLE001 - whatever it is, this is the place that explains it
        return Finding(subject, is_well=False, explanation=_explain(error), remedy=remedy)
    return Finding(subject, is_well=True, explanation=success)


def _explain(error: Exception) -> str:
    """What went wrong, and in a driver's own words, without its statement, why."""
    explanation = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if not isinstance(error, EarshotError | OSError):
        return f"{type(error).__name__}: {explanation}"
    cause = getattr(error.__cause__, "orig", error.__cause__)
    return explanation if cause is None else f"{explanation} ({cause})"


def _transcribe_silence(settings: Settings) -> None:
    """A second of silence through the decoder and the models."""
    stages = load_stages(settings)
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


def _open_database(settings: Settings) -> None:
    with open_records(settings).reading() as connection:
        connection.exec_driver_sql("SELECT 1")


def register(app: typer.Typer) -> None:
    app.command()(doctor)
