import pytest

from routing.evaluate import evaluate
from routing.evaluation import RouteEvaluation
from routing.plan import Shift, Stop
from routing.promises import keeps_promises
from tests.factories import TRAVEL, rest, route, shift, stop, vehicle

SMALL = shift(ends="09:00", vehicle=vehicle(packages=2), breaks=(rest("08:10", 10, latest="08:15"),))
LATE = stop("late", 1000, window=("07:00", "07:30"))


def judged(*stops: Stop, by: Shift = SMALL) -> RouteEvaluation:
    (found,) = evaluate([route(*stops, shift=by)], TRAVEL).routes
    return found


@pytest.mark.parametrize(
    "joins",
    [
        stop("too_late", 1000, window=("07:00", "08:00")),
        stop("too_many", packages=3),
        stop("too_far", 20_000),
        stop("pushes_the_break", service_s=1200),
        stop("asks_for_more", requires=("tail_lift",)),
    ],
    ids=lambda each: each.stop_id,
)
def test_what_goes_wrong_with_a_new_stop_is_seen(joins: Stop) -> None:
    assert keeps_promises(SMALL, judged(stop("a")), judged(stop("a"), stop("b")))
    assert not keeps_promises(SMALL, judged(stop("a")), judged(stop("a"), joins))


def test_who_is_late_already_may_stay_as_late_but_no_later() -> None:
    before = judged(LATE)

    assert keeps_promises(SMALL, before, judged(LATE, stop("b", 1200)))
    assert not keeps_promises(SMALL, before, judged(stop("b", -200), LATE))
