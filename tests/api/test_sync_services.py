from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.api.sync_services import SyncLimits, SyncPlaces
from earshot.errors import PlacesTaken, TooManyRequests

LIMITS = SyncLimits(max_of_project=2, max_at_once=3)


def test_a_project_has_so_many_places_and_all_together_have_more() -> None:
    places = SyncPlaces(LIMITS)
    give_back = places.take("first")
    places.take("first")
    with pytest.raises(TooManyRequests):
        places.take("first")
    places.take("second")
    with pytest.raises(PlacesTaken):
        places.take("third")
    give_back()
    places.take("third")


def test_places_are_counted_whatever_threads_take_them() -> None:
    places = SyncPlaces(LIMITS)

    def come_and_go(_: int) -> None:
        places.take("first")()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(come_and_go, range(500)))
    places.take("first")
    places.take("first")
