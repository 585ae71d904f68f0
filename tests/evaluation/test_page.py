from html.parser import HTMLParser
from pathlib import Path

import pytest
from typing_extensions import override

from earshot.evaluation.page import N_WORST, render_page, summary_cells, worst_of
from earshot.evaluation.trial import summarise
from tests.evaluation.conftest import MakeTrial


class _Reader(HTMLParser):
    """Remembers what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [str(value) for name, value in attrs if name in {"src", "href"} and value]


def test_the_page_shows_errors_and_plays_the_recording_from_where_it_lies(
    make_trial: MakeTrial, tmp_path: Path
) -> None:
    trials = [make_trial("wo rse.wav", "the cat & dog", "the bat"), make_trial("ok.wav", "a", "a")]
    summary = summarise("moonshine", trials, 99.0)
    page = render_page(
        "Calls", [summary], {"moonshine": trials}, beside=tmp_path / "reports", is_english=True
    )
    assert "<del>cat</del>" in page
    reader = _Reader()
    reader.feed(page)
    media = [source for source in reader.loaded if not source.startswith("#")]
    assert media == ["../wo%20rse.wav"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.wav", '"onerror=".wav'])
def test_no_name_and_no_word_becomes_markup(
    make_trial: MakeTrial, tmp_path: Path, name: str
) -> None:
    trials = [make_trial(name, "said <b>", "<script>x</script>", None)]
    trials.append(make_trial(name, None, "", "broken <i>"))
    page = render_page(
        name, [summarise("e", trials, 1.0)], {"e": trials}, beside=tmp_path, is_english=True
    )
    assert "<script>" not in page
    assert "<i>" not in page
    assert '"onerror=' not in page


def test_the_worst_come_first_and_faultless_ones_not_at_all(make_trial: MakeTrial) -> None:
    trials = [
        make_trial("ok", "a", "a"),
        make_trial("bad", "a b", "c d"),
        make_trial("so", "a", "b"),
    ]
    assert [trial.recording.name for trial in worst_of(trials)] == ["bad", "so"]
    assert len(worst_of([make_trial("bad", "a", "b")] * (N_WORST + 1))) == N_WORST


def test_what_was_not_measured_is_a_dash(make_trial: MakeTrial) -> None:
    cells = summary_cells(summarise("e", [make_trial("a", None, "hm")], 1.0))
    assert cells == ("e", "1", "0", "-", "-", "2.0", "0.50", "0.50", "1")
