import dataclasses

import pytest

from earshot.egress.options import EgressOptions


def test_out_of_the_box_nothing_private_may_be_reached_and_5_gb_are_the_limit() -> None:
    options = EgressOptions()

    assert options.fetch_allow == options.webhook_allow == ()
    assert options.fetch_max_bytes == 5 * 10**9


def test_options_cannot_be_changed_under_a_running_server() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EgressOptions().fetch_allow = ("0.0.0.0/0",)  # type: ignore[misc] # that is the point
