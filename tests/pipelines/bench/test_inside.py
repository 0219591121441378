from pipelines.bench.streams.inside import measure_inside
from pipelines.bench.streams.rounds import Scale, make_rounds


def test_a_day_is_judged_without_and_with_its_routes_and_what_is_said_of_it_is_counted() -> None:
    rounds = make_rounds(Scale(vehicles=20, stops=6, seed=1))

    inside = measure_inside(rounds, events=1_500)

    assert (inside.vehicles, inside.events >= 1_500) == (20, True)
    # 20 vans send 1,500 events in eight minutes, at 29 stops: each has an arrival, a departure, a proof.
    assert inside.said > 3 * 25
    assert min(inside.read_us, inside.without_routes_us, inside.with_routes_us, inside.told_us) > 0
