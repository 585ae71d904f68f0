from xml.etree import ElementTree

from earshot.evaluation.plots import plot_error_rates, plot_latencies
from tests.evaluation.conftest import MakeTrial


def test_a_plot_is_svg_with_its_axes_and_engines_named(make_trial: MakeTrial) -> None:
    trials = {
        "one": [make_trial("a", "x y", "x z"), make_trial("b", None, "hm")],
        "two": [make_trial("a", "x y", "x y"), make_trial("c", "x", "", "broken")],
    }
    for plot, label in ((plot_error_rates, "recordings"), (plot_latencies, "words, s")):
        drawn = plot(trials)
        assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
        assert all(text in drawn for text in (label, ">one<", ">two<"))
