"""Plots as SVG that stands inside a page: no files beside it, nothing loaded from anywhere."""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from earshot.evaluation.trial import Trial

Trials = Mapping[str, Sequence[Trial]]  # by engine
SIZE_INCHES = (6.4, 3.4)
N_BINS = 20


def plot_error_rates(trials: Trials) -> str:
    """How many recordings have which word error rate, as SVG."""
    figure, axes = _figure("word error rate of a recording, %", "recordings")
    rates = {
        engine: [
            100 * trial.words.n_errors / trial.words.n_words
            for trial in heard
            if trial.words is not None and trial.words.n_words
        ]
        for engine, heard in trials.items()
    }
    axes.hist(list(rates.values()), bins=N_BINS, label=list(rates))
    axes.legend()
    return _svg(figure)


def plot_latencies(trials: Trials) -> str:
    """Time from file to words over the length of the recording, as SVG."""
    figure, axes = _figure("length of the recording, s", "time to its words, s")
    for engine, heard in trials.items():
        done = [trial for trial in heard if trial.refusal is None]
        axes.scatter([t.audio_s for t in done], [t.elapsed_s for t in done], s=14, label=engine)
    axes.legend()
    return _svg(figure)


def _figure(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    # Text stays text: smaller, searchable, and read aloud by a screen reader.
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    drawn = file.getvalue()
    return drawn[drawn.index("<svg") :]
