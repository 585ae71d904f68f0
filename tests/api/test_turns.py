from contextlib import ExitStack

import pytest

from earshot.api.turns import Turns
from earshot.errors import TooManyRequests


def test_no_project_has_more_turns_than_its_share_and_all_no_more_than_there_are() -> None:
    turns = Turns(max_at_once=3, max_of_project=2)
    with ExitStack() as stack:
        for project in ("law", "law", "press"):
            stack.enter_context(turns.turn(project))
        for project in ("law", "press", "other"):
            with pytest.raises(TooManyRequests), turns.turn(project):
                pass
    with turns.turn("law"), turns.turn("law"):
        with pytest.raises(TooManyRequests), turns.turn("law"):
            pass
        with turns.turn("press"):
            pass
