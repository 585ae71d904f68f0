"""Matches of patterns as candidates."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from earshot.understanding import entities
from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import read_words
from tests.understanding.saying import say


def test_the_named_part_is_the_candidate_and_the_check_can_refuse_it() -> None:
    reading = read_words(say("code ab12 and code cd34"))
    pattern = compile_pattern(r"CODE[ ](?P<it>\w+)")
    found = find_pattern(reading, pattern, "password", Evidence.CUE, lambda text: text != "cd34")
    assert list(found) == [Candidate("password", 5, 9, Evidence.CUE)]


@pytest.mark.parametrize("name", [module.name for module in iter_modules(entities.__path__)])
def test_no_count_of_a_pattern_was_taken_for_a_value(name: str) -> None:
    """In an f-string, "{0, 62}" without doubled braces becomes the text "(0, 62)"."""
    module = import_module(f"{entities.__name__}.{name}")
    patterns = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert not [p.pattern for p in patterns if re.search(r"\([0-9]+, [0-9]*\)", p.pattern)]
