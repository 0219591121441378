from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from streams.simulator.city import build_city
from streams.simulator.day import Day
from streams.simulator.truth import OrderOutcome, OrderTruth, StopTruth, Summary, VehicleTruth
from tests.streams.simulator.planner import assignments_of

Row = TypeVar("Row")


def test_the_truth_of_a_day_adds_up(tmp_path: Path) -> None:
    day = Day(build_city(3, 1, 4), date(2026, 10, 13), 30)
    for assignment in assignments_of(day):
        day.assign(assignment)
    sent = [*day.evening()]
    while not day.is_over:
        sent += day.advance(day.now_at + timedelta(minutes=10))

    day.write_truth(tmp_path)

    summary = msgspec.json.decode((tmp_path / "summary.json").read_bytes(), type=Summary)
    orders = rows(tmp_path / "orders.ndjson", OrderTruth)
    stops = rows(tmp_path / "stops.ndjson", StopTruth)
    vehicles = rows(tmp_path / "vehicles.ndjson", VehicleTruth)
    assert len(orders) == 30 == sum(summary.orders.values())
    assert summary.orders["delivered"] == sum(each.outcome is OrderOutcome.DELIVERED for each in orders)
    assert summary.late_orders == sum(each.is_late for each in orders)
    assert summary.events["gps.fixes"] == sum(
        message.events for message in sent if message.topic.name == "gps.fixes"
    )
    assert len({each.stop_id for each in stops}) == len(stops)
    assert all(each.departed_at is not None and each.departed_at > each.arrived_at for each in stops)
    assert len(vehicles) == 4
    assert sum(each.driven_m for each in vehicles) > 50_000
    assert all((each.fuel_used_l is None) != (each.energy_used_kwh is None) for each in vehicles)


def rows(path: Path, kind: type[Row]) -> list[Row]:
    return [msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines()]
