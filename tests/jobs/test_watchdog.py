import logging

import pytest

from earshot.jobs.watchdog import Watchdog


class Scene:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.n_ends = 0
        self.watchdog = Watchdog(lambda: self.now_s, self._end)

    def _end(self) -> None:
        self.n_ends += 1


def test_a_step_within_its_limit_is_left_alone() -> None:
    scene = Scene()
    with scene.watchdog.limit("job", "part:0", 10.0):
        assert scene.watchdog.running() == [("job", "part:0")]
        scene.now_s = 10.0
        scene.watchdog.check()
    assert (scene.n_ends, scene.watchdog.running()) == (0, [])


def test_a_step_over_its_limit_ends_the_process(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    with caplog.at_level(logging.ERROR), scene.watchdog.limit("job", "part:0", 10.0):
        scene.now_s = 10.1
        scene.watchdog.check()
    assert scene.n_ends == 1
    assert caplog.messages == ["step_overdue"]


def test_a_step_that_failed_is_watched_no_longer() -> None:
    scene = Scene()
    with pytest.raises(ValueError, match="no"), scene.watchdog.limit("job", "part:0", 10.0):
        raise ValueError("no")
    scene.now_s = 99.0
    scene.watchdog.check()
    assert scene.n_ends == 0
