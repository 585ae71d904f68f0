"""Ways to follow a conversation."""

from dataclasses import replace

from earshot.understanding.entities.views import View, views_of
from tests.understanding.saying import say


def test_one_voice_is_one_view() -> None:
    assert views_of(say("a b")) == [View((0, 1), is_one_voice=True)]
    assert views_of(()) == [View((), is_one_voice=True)]


def test_each_channel_and_speaker_is_followed_apart() -> None:
    first, second, third = say("a b c")
    words = (replace(first, channel=1), replace(second, channel=2), replace(third, channel=1))
    assert views_of(words) == [
        View((0, 1, 2), is_one_voice=False),
        View((0, 2), is_one_voice=True),
        View((1,), is_one_voice=True),
    ]
