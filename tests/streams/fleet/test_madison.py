from collections import Counter
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from streams.codec import encode
from streams.events.judgements import Verdict
from streams.events.telematics import GpsFix
from streams.fleet.judge import FleetJudge
from streams.judge import Emission, Record
from streams.topics import GPS_FIXES

LOCAL = ZoneInfo("America/Chicago")
MPS_PER_MPH = 0.44704


def test_a_real_bus_fleet_gets_the_reference_verdicts(shared_data: Path) -> None:
    file = shared_data / "madison_bus" / "pings_2025-09_to_10.parquet"
    if not file.is_file():
        pytest.skip(f"real data is not at {file}")
    columns = ["vehicle_id", "fix_time_local", "received_at", "lat", "lon", "speed_mph", "heading_deg"]
    table = pq.read_table(file, columns=columns)
    judge = FleetJudge()
    state = judge.fresh(0)
    rules: Counter[str] = Counter()

    for number, row in enumerate(zip(*(table[name].to_pylist() for name in columns), strict=True)):
        fix = _fix(number, *row)
        received_at_ms = int(fix.received_at.timestamp() * 1000)
        record = Record(GPS_FIXES.name, 0, number, received_at_ms, fix.vehicle_id.encode(), encode(fix))
        for said in judge.advance(state, record):
            assert isinstance(said, Emission)
            assert isinstance(said.event, Verdict)
            rules[said.event.rule] += 1

    assert table.num_rows == 97_779
    assert len(state.numbers) == 172
    assert rules == {"same_fix_time": 349, "clock_ahead": 156, "over_speed_limit": 126}


def _fix(
    number: int,
    vehicle_id: str,
    fix_time_local: datetime,
    received_at: datetime,
    lat_deg: float,
    lon_deg: float,
    speed_mph: float,
    heading_deg: float,
) -> GpsFix:
    return GpsFix(
        event_id=UUID(int=number),
        source="madison",
        vehicle_id=vehicle_id,
        fix_at=fix_time_local.replace(tzinfo=LOCAL),
        received_at=received_at.replace(tzinfo=LOCAL),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=speed_mph * MPS_PER_MPH,
        heading_deg=heading_deg,
    )
