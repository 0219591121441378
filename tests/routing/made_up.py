"""Small days from a seed, richer than those that a property test would shrink to."""

from dataclasses import replace
from random import Random

from routing.evaluation import Evaluation
from routing.plan import RoutePlan, Shift, Stop, StopKind
from routing.problem import Problem
from tests.factories import DAY, TRAVEL, shift, stop, vehicle, window


def made_up_day(random: Random, n_stops: int = 3, n_shifts: int = 2) -> Problem:
    """All from one depot and back, at a price: from there a small search is expected to be perfect."""
    stops = tuple(_stop(random, f"s{n}") for n in range(n_stops))
    return Problem("D1", DAY, tuple(_shift(random, f"S{n}") for n in range(n_shifts)), stops, TRAVEL)


def made_up_place(random: Random) -> tuple[float, float]:
    """Metres east and north of the depot."""
    return random.uniform(-9000, 9000), random.uniform(-9000, 9000)


def score(found: Problem, tried: RoutePlan, judged: Evaluation) -> tuple[int, float]:
    """What a plan is chosen by: the weight of what is left out, then its price."""
    known = {each.stop_id: each for each in found.stops}
    payers = [(each.stop, known[each.stop.picked_up_at or each.stop.stop_id]) for each in tried.unassigned]
    weight = sum(10**left.priority for left, payer in payers if payer.skip_price is None)
    return weight, judged.cost + judged.skipped_price


def _stop(random: Random, stop_id: str) -> Stop:
    made = stop(
        stop_id,
        *made_up_place(random),
        packages=random.randint(1, 3),
        weight_kg=random.choice([2.0, 20.0]),
        service_s=random.choice([0.0, 600.0]),
        zone=random.choice(["n", "s"]),
        kind=random.choice([StopKind.DELIVER] * 4 + [StopKind.PICK_UP]),
        skip_price=random.choice([None, None, None, 12.0]),
    )
    if random.random() < 0.3:
        second = (window("10:00", "10:10"),) if random.random() < 0.5 else ()
        made = replace(made, window=window("08:00", "08:20"), other_windows=second)
    return made


def _shift(random: Random, shift_id: str) -> Shift:
    van = vehicle(
        f"v-{shift_id}",
        packages=random.choice([3, 10]),
        per_km=random.choice([0.5, 1.0]),
        per_h=random.choice([0.0, 20.0]),
        fixed_cost=random.choice([0.0, 4.0]),
        most_stops=random.choice([None, None, 1]),
        most_km=random.choice([None, None, 25.0]),
    )
    ends, overtime_s = random.choice(["08:25", "09:00", "16:00"]), random.choice([0.0, 1200.0])
    return shift(shift_id, vehicle=van, ends=ends, overtime_s=overtime_s, overtime_cost_per_h=30.0)
