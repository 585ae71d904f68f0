"""The report of a run as one HTML page that loads nothing but the recordings it plays."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from earshot.evaluation.differences import Difference, find_differences
from earshot.evaluation.plots import Trials, plot_error_rates, plot_latencies
from earshot.evaluation.scoring import ErrorRate
from earshot.evaluation.trial import Summary, Trial

N_WORST = 20
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: right }
td:first-child, th:first-child { text-align: left } tr { border-bottom: 1px solid #ddd }
del { background: #fdd } ins { background: #dfd; text-decoration: none }
figure { display: inline-block; margin: 0; max-width: 100% } svg { max-width: 100%; height: auto }
audio { display: block; width: 100% } section { margin-bottom: 2rem }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee } figure { background: #fff } del { background: #722 }
  ins { background: #264 } tr { border-color: #444 }
}
"""
COLUMNS = (
    "Engine",
    "recordings",
    "refused",
    "WER % (95 %)",
    "CER %",
    "x realtime",
    "median s",
    "p95 s",
    "peak MB",
)


def render_page(
    title: str,
    summaries: Sequence[Summary],
    trials: Trials,
    *,
    beside: Path,
    is_english: bool,
) -> str:
    """The page; recordings are linked by paths relative to the folder `beside`."""
    parts = [
        f"<h1>{escape(title)}</h1>",
        _table(COLUMNS, [summary_cells(summary) for summary in summaries]),
        "<p>WER: word errors per word said; CER: the same of characters. Both texts are normalised "
        "as Whisper's evaluation does. The interval is a bootstrap over recordings; what was "
        "refused counts in no rate.</p>",
    ]
    if any(summary.words for summary in summaries):
        parts.append(f"<figure>{plot_error_rates(trials)}</figure>")
    parts.append(f"<figure>{plot_latencies(trials)}</figure>")
    for engine, heard in trials.items():
        parts.append(f"<h2>{escape(engine)}: recordings with most errors</h2>")
        parts += [_trial_section(one, beside, is_english=is_english) for one in worst_of(heard)]
        parts += _refusals(heard)
        parts.append(_all_recordings(heard))
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
    )
    return f"{head}<title>{escape(title)}</title><style>{_STYLE}</style>\n" + "\n".join(parts)


def summary_cells(summary: Summary) -> tuple[str, ...]:
    """The summary as text, one cell per column of the report."""
    return (
        summary.engine,
        str(summary.n_recordings),
        str(summary.n_refused),
        _rate(summary.words, with_interval=True),
        _rate(summary.characters, with_interval=False),
        f"{summary.realtime_factor:.1f}",
        f"{summary.median_latency_s:.2f}",
        f"{summary.p95_latency_s:.2f}",
        f"{summary.peak_memory_mb:.0f}",
    )


def worst_of(trials: Sequence[Trial]) -> list[Trial]:
    """The recordings with most wrong words, the worst first."""
    wrong = [trial for trial in trials if trial.words is not None and trial.words.n_errors]
    return sorted(wrong, key=lambda trial: -trial.words.n_errors if trial.words else 0)[:N_WORST]


def _rate(rate: ErrorRate | None, *, with_interval: bool) -> str:
    if rate is None:
        return "-"
    interval = f" ({rate.low_percent:.1f} to {rate.high_percent:.1f})" if with_interval else ""
    return f"{rate.percent:.1f}{interval}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _trial_section(trial: Trial, beside: Path, *, is_english: bool) -> str:
    counts, reference = trial.words, trial.recording.reference
    assert counts is not None
    assert reference is not None
    link = quote(Path(os.path.relpath(trial.recording.path, beside)).as_posix())
    runs = find_differences(reference, trial.text, is_english=is_english)
    return (
        f"<section><h3>{escape(trial.recording.name)}</h3>"
        f"<p>{counts.n_errors} errors in {counts.n_words} words: {counts.substitutions} wrong, "
        f"{counts.deletions} missing, {counts.insertions} too many</p>"
        f'<audio controls preload="none" src="{escape(link)}"></audio>'
        f"<p>{' '.join(map(_marked, runs))}</p></section>"
    )


def _marked(run: Difference) -> str:
    if run.kind == "equal":
        return escape(run.said)
    said = f"<del>{escape(run.said)}</del>" if run.said else ""
    heard = f"<ins>{escape(run.heard)}</ins>" if run.heard else ""
    return f"{said} {heard}".strip()


def _refusals(trials: Sequence[Trial]) -> list[str]:
    return [
        f"<p><b>{escape(trial.recording.name)}</b> was refused: {escape(trial.refusal)}</p>"
        for trial in trials
        if trial.refusal is not None
    ]


def _all_recordings(trials: Sequence[Trial]) -> str:
    rows = [
        (
            trial.recording.name,
            f"{trial.audio_s:.1f}",
            f"{trial.elapsed_s:.2f}",
            "-" if trial.words is None else f"{trial.words.n_errors} / {trial.words.n_words}",
        )
        for trial in trials
    ]
    table = _table(("Recording", "audio s", "time s", "errors / words"), rows)
    return f"<details><summary>All recordings</summary>{table}</details>"
