"""`earshot transcribe`: one recording to words, without a server."""

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from earshot.accounts.projects import DEFAULT_PROJECT
from earshot.cli.finding import Find, options_to_find
from earshot.cli.options import ConfigOption, KeytermsOption
from earshot.cli.recognition import (
    FIND_OUT,
    LanguageOption,
    ModelOption,
    require_language,
    vocabulary_of_keyterms,
    why_passed_over,
)
from earshot.cli.redaction import (
    RedactedAudioOption,
    RedactOption,
    RedactWithOption,
    Substitution,
    redaction_options,
)
from earshot.cli.speakers import require_owner
from earshot.errors import SpeakersNotInstalled, TranscriptTextEmpty
from earshot.exports.captions import render_srt, render_vtt
from earshot.exports.document import render_json
from earshot.exports.markdown import render_markdown
from earshot.exports.plain import render_plain
from earshot.pipeline import offline
from earshot.pipeline.known_voices import KnownVoices, load_known_voices
from earshot.pipeline.stages import Stages
from earshot.settings import Settings, load_settings
from earshot.transcript.options import (
    LanguageDetection,
    RedactionOptions,
    SpeakerOptions,
    TranscriptOptions,
)
from earshot.transcript.result import TranscriptResult
from earshot.wiring.installed import finds_names, open_models
from earshot.wiring.models import build_fetcher, load_stages
from earshot.wiring.records import open_records


class Format(StrEnum):
    """How the transcript is written."""

    TXT = "txt"
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"
    MD = "md"


_RENDERERS: dict[Format, Callable[[TranscriptResult], str]] = {
    Format.TXT: lambda result: render_plain(result.words, _names(result)),
    Format.JSON: render_json,
    Format.SRT: lambda result: render_srt(result.words),
    Format.VTT: lambda result: render_vtt(result.words),
    Format.MD: lambda result: render_markdown(
        result.words, _names(result), findings=result.findings
    ),
}
_SHOWING_FINDINGS = frozenset({Format.JSON, Format.MD})


# What stands on its command line.
SourceArgument = Annotated[
    str,
    typer.Argument(metavar="PATH|URL|-", help="A file, an http(s) URL, or - for standard input."),
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="Default: by --output's name, else txt."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write; default: stdout.")
]
SplitChannelsOption = Annotated[
    bool, typer.Option("--split-channels", help="Transcribe each channel by itself.")
]
SpeakersOption = Annotated[
    bool, typer.Option("--speakers", help="Tell speakers apart; on each channel, if split.")
]
SpeakersExpectedOption = Annotated[
    int | None,
    typer.Option("--speakers-expected", min=1, help="How many speak; implies --speakers."),
]
MinSpeakersOption = Annotated[
    int | None,
    typer.Option("--min-speakers", min=1, help="At least so many; implies --speakers."),
]
MaxSpeakersOption = Annotated[
    int | None,
    typer.Option("--max-speakers", min=1, help="At most so many; implies --speakers."),
]
KnownVoicesOption = Annotated[
    bool,
    typer.Option(
        "--known-voices",
        help="Name those whom `earshot speakers` has enrolled; implies --speakers.",
    ),
]
ProjectOption = Annotated[
    str, typer.Option("--project", help="Project whose known voices these are.")
]
TranslateOption = Annotated[
    bool, typer.Option("--translate", help="Write English, if the model can translate.")
]
FindOption = Annotated[
    list[Find] | None,
    typer.Option(
        "--find",
        help="What to find out besides; may be given many times. Needs --format md or json. "
        "Summaries and chapters are for English, and by the language model, if you set one up.",
    ),
]


def transcribe(
    source: SourceArgument,
    output_format: FormatOption = None,
    output: OutputOption = None,
    split_channels: SplitChannelsOption = False,
    tell_speakers: SpeakersOption = False,
    speakers_expected: SpeakersExpectedOption = None,
    min_speakers: MinSpeakersOption = None,
    max_speakers: MaxSpeakersOption = None,
    name_known_voices: KnownVoicesOption = False,
    project: ProjectOption = DEFAULT_PROJECT,
    language: LanguageOption = "en_us",
    model: ModelOption = None,
    translate: TranslateOption = False,
    keyterms: KeytermsOption = None,
    find: FindOption = None,
    redact: RedactOption = None,
    redact_with: RedactWithOption = Substitution.HASH,
    redacted_audio: RedactedAudioOption = None,
    config: ConfigOption = None,
) -> None:
    """Transcribe one recording on this machine: no server, no account, nothing sent away.

    Only a language model that you set up is sent words, for what --find asks of it.

    Exit codes: 0 done, 2 wrong options, 3 the recording cannot be used, 4 this installation cannot
    do it (`earshot doctor` says why).

    Example: `earshot transcribe interview.mp3 --output interview.srt`
    """
    _end_in_good_order()
    settings = load_settings(config=config)
    chosen = output_format or _format_of(output)
    _require_folder(output)
    _require_other_files(source, output, redacted_audio)
    _require_place_for(find, chosen)
    require_language(language)
    tells = tell_speakers or name_known_voices
    options = TranscriptOptions(
        language_code=language,
        language_detection=LanguageDetection() if language == FIND_OUT else None,
        speech_models=() if model is None else (model,),
        translate_to="en" if translate else None,
        split_channels=split_channels,
        speakers=_speaker_options(tells, speakers_expected, min_speakers, max_speakers),
        vocabulary=vocabulary_of_keyterms(keyterms),
        understanding=options_to_find(find or ()),
        redaction=_redaction(redact, redact_with, redacted_audio, language, settings),
    )
    _warn_of_model(model, language, settings)
    with _local_copy(source, settings) as path, _loaded(settings) as stages:
        known = _known_voices(settings, project, stages) if name_known_voices else None
        with _progress_bar() as report:
            result = offline.transcribe_file(path, options, stages, report, known, redacted_audio)
    _warn(result)
    _write(_render(result, chosen), output)


@contextmanager
def _loaded(settings: Settings) -> Iterator[Stages]:
    stages = load_stages(settings)
    try:
        yield stages
    finally:
        stages.decoder.close()


def _redaction(
    policies: list[str] | None,
    substitution: Substitution,
    audio: Path | None,
    language: str,
    settings: Settings,
) -> RedactionOptions | None:
    has_names = bool(policies) and finds_names(open_models(settings))
    return redaction_options(policies, substitution, audio, language, finds_names=has_names)


def _speaker_options(
    is_asked: bool,
    expected: int | None,
    minimum: int | None,
    maximum: int | None,
) -> SpeakerOptions | None:
    """How speakers are told apart; None where nothing on the command line asks for that."""
    if not is_asked and (expected, minimum, maximum) == (None, None, None):
        return None
    if expected is not None and (minimum, maximum) != (None, None):
        message = "it leaves nothing to --min-speakers and --max-speakers"
        raise typer.BadParameter(message, param_hint="--speakers-expected")
    if maximum is not None and maximum < (minimum or 1):
        raise typer.BadParameter("it is less than --min-speakers", param_hint="--max-speakers")
    return SpeakerOptions(expected, minimum or 1, maximum)


def _known_voices(settings: Settings, project: str, stages: Stages) -> KnownVoices:
    """Whom the speakers are compared with; raises SpeakersNotInstalled, ProjectNotFound."""
    if stages.diarizer is None:
        raise SpeakersNotInstalled
    with open_records(settings).writing() as connection:
        owner = require_owner(connection, project)
        return load_known_voices(connection, owner.id, stages.diarizer.name)


def _names(result: TranscriptResult) -> dict[str, str]:
    """Label of a speaker -> name of the known voice."""
    return {known.speaker: known.name for known in result.known_speakers or ()}


def _end_in_good_order() -> None:
    """Whoever ends the command by a signal leaves no copy of the recording behind."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _end)


def _end(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _require_folder(output: Path | None) -> None:
    if output is not None and not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}", param_hint="--output")


def _require_other_files(source: str, output: Path | None, audio: Path | None) -> None:
    """Nobody loses a recording by naming it as what is to be written."""
    for option, file in (("--output", output), ("--redacted-audio", audio)):
        with suppress(OSError):  # one of them is not there, which others tell
            if file is not None and file.samefile(source):
                raise typer.BadParameter("that would overwrite the recording", param_hint=option)


def _require_place_for(find: list[Find] | None, chosen: Format) -> None:
    if find and chosen not in _SHOWING_FINDINGS:
        raise typer.BadParameter(f"{chosen} has no place for it: md and json", param_hint="--find")


def _format_of(output: Path | None) -> Format:
    """The format that the file's name asks for; a name of another kind wants --format."""
    if output is None:
        return Format.TXT
    suffix = output.suffix.removeprefix(".").lower()
    if suffix not in list(Format):
        raise typer.BadParameter(
            f"no format is known by the name {output.name}; add --format", param_hint="--output"
        )
    return Format(suffix)


def _render(result: TranscriptResult, chosen: Format) -> str:
    if not result.words and chosen in {Format.SRT, Format.VTT}:
        raise TranscriptTextEmpty
    return _RENDERERS[chosen](result)


def _warn_of_model(model: str | None, language: str, settings: Settings) -> None:
    """At once: a long recording is not to be transcribed by another model than was wanted."""
    why = None if model is None else why_passed_over(model, language, settings)
    if why is not None:
        print(f"earshot: --model '{model}' is passed over: it {why}", file=sys.stderr)


def _warn(result: TranscriptResult) -> None:
    findings = () if result.findings is None else result.findings.warnings
    for warning in (*result.warnings, *findings):
        print(f"earshot: {warning}", file=sys.stderr)
    if not result.words:
        print("earshot: no speech was found", file=sys.stderr)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")


@contextmanager
def _local_copy(source: str, settings: Settings) -> Iterator[Path]:
    """The recording as a file; what comes from a URL or stdin is kept only for the block."""
    if source != "-" and not source.startswith(("http://", "https://")):
        path = Path(source)
        if not path.is_file():
            raise typer.BadParameter(f"{source} is not a file", param_hint="PATH|URL|-")
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder) / "recording"
        with path.open("wb") as file:
            if source == "-":
                shutil.copyfileobj(sys.stdin.buffer, file)
            else:
                # Whoever types a URL on this machine may reach what the machine reaches.
                for chunk in build_fetcher(settings).fetch_audio(source, allow_private=True):
                    file.write(chunk)
        yield path


@contextmanager
def _progress_bar() -> Iterator[Callable[[offline.Progress], None]]:
    """A bar on stderr with phase, audio time and realtime factor, if that is a terminal."""
    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(),
        TextColumn("{task.fields[clock]}"),
    )
    console = Console(stderr=True)
    started_s = time.monotonic()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("loading", total=None, clock="")

        def report(progress: offline.Progress) -> None:
            elapsed_s = time.monotonic() - started_s
            factor = progress.done_ms / 1000 / elapsed_s if elapsed_s else 0.0
            total = "?" if progress.total_ms is None else _clock(progress.total_ms)
            bar.update(
                task,
                description=progress.phase,
                total=progress.total_ms,
                completed=progress.done_ms,
                clock=f"{_clock(progress.done_ms)} / {total}  {factor:.0f}x realtime",
            )

        yield report


def _clock(time_ms: int) -> str:
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def register(app: typer.Typer) -> None:
    app.command()(transcribe)
