from streams.codec import encode
from streams.events.base import derived_id
from streams.events.reference import EnergyKind, VehicleRecord
from streams.fleet.judge import FleetJudge
from streams.judge import Record, run_of
from streams.topics import VEHICLES
from tests.factories import at

MANY = 300
"""More than a fresh state has room for."""


def known(number: int) -> Record:
    vehicle = VehicleRecord(
        event_id=derived_id("test", number),
        source="fleet system",
        effective_at=at("06:00"),
        vehicle_id=f"v{number}",
        depot_id="D1",
        vehicle_class="van",
        energy=EnergyKind.DIESEL,
        reporting_interval_s=float(number + 1),
    )
    return Record(VEHICLES.name, 0, number, 0, vehicle.vehicle_id.encode(), encode(vehicle))


def test_a_fleet_that_outgrows_its_room_keeps_what_is_known_of_each_vehicle() -> None:
    judge = FleetJudge()
    state = judge.fresh(0)

    judge.advance_run(state, run_of([known(n) for n in range(MANY)], tuple(t.name for t in judge.inputs)))

    intervals = [
        state.records[state.number_of(f"v{n}".encode())]["reporting_interval_s"] for n in range(MANY)
    ]
    assert intervals == [float(n + 1) for n in range(MANY)]
