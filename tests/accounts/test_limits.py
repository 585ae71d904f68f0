from earshot.accounts.limits import NO_LIMITS, ProjectLimits


def test_limits_come_back_as_they_were_stored() -> None:
    limits = ProjectLimits(requests_per_5_min=100, live_sessions=3)
    assert ProjectLimits.load(limits.dump()) == limits


def test_no_limit_is_nothing_to_store() -> None:
    assert NO_LIMITS.dump() is None
    assert ProjectLimits.load(None) == NO_LIMITS


def test_a_limit_of_a_newer_release_is_passed_over() -> None:
    assert ProjectLimits.load({"coffee": 3, "live_sessions": 2}) == ProjectLimits(live_sessions=2)
