from benchmarks.valence_lexicon import is_kept, render
from earshot.understanding.valence import Lexicon


def test_numbers_and_what_is_never_found_are_left_out() -> None:
    kept = ["good", ":)", "can't stand", "gr8"]
    assert [one for one in [*kept, ":D", "187", "( '}{' )"] if is_kept(one)] == kept


def test_what_is_written_is_read_as_it_was_under_its_licence() -> None:
    ratings = {"good": 1.9, "bad": -2.5, "fine": 1.9, "fed up": -1.8, "143": 3.2}
    stress = {"very": 0.293, "kind of": -0.293}
    text = render(ratings, stress, "a package", "A licence\n\nof two parts\n")
    assert text.startswith("# The lexicon of a package")
    assert "# of two parts\n" in text
    assert "\n1.9\tfine\tgood\n" in text
    lexicon = Lexicon.of_lines(text.splitlines())
    assert lexicon.ratings == {one: ratings[one] for one in ("good", "bad", "fine", "fed up")}
    assert lexicon.stress == stress
