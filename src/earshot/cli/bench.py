"""`earshot bench`: engines on somebody's own recordings, counted and shown."""

import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from earshot.cli.options import ConfigOption
from earshot.errors import ExtraMissing, ModelMissing
from earshot.evaluation.recordings import LabelledRecording, read_recordings
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.transcript.options import TranscriptOptions
from earshot.wiring.models import load_stages

if TYPE_CHECKING:
    from earshot.evaluation.trial import Summary, Trial

# Linux counts in KB, macOS in bytes.
RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
BYTES_PER_MB = 2**20


def bench(
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            help="Folder of recordings, each beside a .txt with its words, or a manifest.jsonl.",
        ),
    ],
    engine: Annotated[
        list[str] | None,
        typer.Option("--engine", help="Engine to measure; may be repeated. Default: the server's."),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help="Language of the recordings, such as en_us or de.")
    ] = "en_us",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Page to write; figures go beside it as .json.")
    ] = Path("earshot-bench.html"),
    config: ConfigOption = None,
) -> None:
    """Measure engines on your own recordings: word errors, speed, latency, memory.

    Writes a page with plots and the recordings that went worst, to look at and to listen to.
    Nothing leaves this machine. Wants the extra `bench`; in the folder with Earshot's source:
    `.venv/bin/pip install -e '.[bench]'`.

    Example: `earshot bench --data calls --engine moonshine --engine whisper-small`
    """
    _require_extra()
    recordings = read_recordings(data)
    if not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}", param_hint="--output")
    stages = load_stages(load_settings(config=config))
    options = TranscriptOptions(language_code=language)
    try:
        runs = {
            name: _measure(name, recordings, options, stages)
            for name in _engines(engine or [], options, stages)
        }
    finally:
        stages.decoder.close()
    _report(data, language, runs, output)


def _require_extra() -> None:
    try:
        import jiwer  # noqa: F401 - whether they are there
        import matplotlib  # noqa: F401
        import whisper_normalizer  # noqa: F401
    except ImportError as error:
        raise ExtraMissing("bench", str(error.name)) from error


def _engines(asked: Sequence[str], options: TranscriptOptions, stages: Stages) -> list[str]:
    """The engines' names; raises ModelMissing for one that is not here or lacks the language."""
    if not asked:
        return [stages.recognizers.choose(options.language_code)]
    names = []
    for one in asked:
        name = stages.recognizers.choose(options.language_code, [one])
        known = {offer.name: offer.model for offer in stages.recognizers.offers}
        if one not in (name, known[name]):
            raise ModelMissing(
                f"no engine '{one}' that transcribes {options.language_code} is installed; "
                f"installed: {', '.join(known)}"
            )
        names.append(name)
    return names


def _measure(
    name: str,
    recordings: Sequence[LabelledRecording],
    options: TranscriptOptions,
    stages: Stages,
) -> "tuple[Summary, list[Trial]]":
    from earshot.evaluation.trial import summarise, try_recordings

    with stages.recognizers.lease(name):  # loaded now, so that no recording's time includes it
        console = Console(stderr=True)
        trials = try_recordings(
            recordings,
            lambda path: transcribe_file(path, replace(options, speech_models=(name,)), stages),
            time.monotonic,
            is_english=_is_english(options.language_code),
        )
        shown = track(
            trials,
            name,
            len(recordings),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        heard = list(shown)
    return summarise(name, heard, _peak_memory_mb()), heard


def _is_english(language_code: str) -> bool:
    return language_code.replace("-", "_").split("_")[0] == "en"


def _peak_memory_mb() -> float:
    """The most memory that this process has held so far, engines measured before included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT_BYTES / BYTES_PER_MB


def _report(
    data: Path, language: str, runs: "dict[str, tuple[Summary, list[Trial]]]", output: Path
) -> None:
    from earshot.evaluation.page import COLUMNS, render_page, summary_cells

    summaries = [summary for summary, _ in runs.values()]
    trials = {name: heard for name, (_, heard) in runs.items()}
    page = render_page(
        f"Earshot on {data.absolute().name}",
        summaries,
        trials,
        beside=output.absolute().parent,
        is_english=_is_english(language),
    )
    output.write_text(page, encoding="utf-8")
    figures = {"language": language, "engines": [asdict(summary) for summary in summaries]}
    output.with_suffix(".json").write_text(f"{json.dumps(figures, indent=2)}\n", encoding="utf-8")
    # Measures down, engines across: it fits a narrow terminal.
    columns = [COLUMNS, *map(summary_cells, summaries)]
    header, *rows = zip(*columns, strict=True)
    table = Table(*header)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    print(f"report: {output}")


def register(app: typer.Typer) -> None:
    app.command()(bench)
