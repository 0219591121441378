"""The fleet that is made up: how large it is, and SQL that knows when and where its vehicles are.

Every value follows from the seed and from numbers of days, vehicles and stops, so that the same scale
is the same fleet. A shift begins at 05:00 UTC and lasts 14 hours; a vehicle drives loops around its depot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

SHIFT_H = 14
FIRST_HOUR = 5
TIME_ZONE = "Europe/Berlin"
PARTITIONS = 4
DEPOTS = 4
LAST_DAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the fleet is; all counts are of one day.

    The last of ``days`` has all its ``fixes`` before the last hour of its shifts, which brings more.
    """

    vehicles: int = 200
    orders: int = 4_000
    fixes: int = 10_000_000
    days: int = 90
    seed: int = 1

    def __post_init__(self) -> None:
        if self.fixes < self.vehicles * SHIFT_H:
            raise ValueError(
                f"{self.vehicles} vehicles send {self.vehicles * SHIFT_H} fixes at least, not {self.fixes}"
            )

    @property
    def last(self) -> date:
        """The day with all its fixes."""
        return LAST_DAY

    @property
    def first(self) -> date:
        """The first day of the fleet."""
        return LAST_DAY - timedelta(days=self.days - 1)

    def fixes_per_hour(self, *, is_thinned: bool) -> int:
        """Of one vehicle: one in five minutes on a thinned day."""
        every = max(1, round(self.fixes / self.vehicles / (SHIFT_H - 1)))
        return min(12, every) if is_thinned else every


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of the shifts of some days, one after the other: before ``end_hour`` of the shift."""

    first: date
    last: date
    first_hour: int = 0
    end_hour: int = SHIFT_H
    is_thinned: bool = True

    def hours(self) -> Iterator["Span"]:
        """The same, hour by hour."""
        for hour in range(self.first_hour, self.end_hour):
            yield replace(self, first_hour=hour, end_hour=hour + 1)

    @property
    def table(self) -> str:
        """SQL of the table ``days`` that queries read: ``day``, and when its shifts begin."""
        return (
            "create or replace table days as select cast(unnest(generate_series("
            f"date '{self.first}', date '{self.last}', interval 1 day)) as date) as day, "
            f"cast(day as timestamptz) + interval {FIRST_HOUR} hour as begins"
        )


def macros(scale: Scale) -> str:
    """What all queries call: dice, ids, stops of a vehicle and when they come, and where a vehicle is."""
    per_vehicle = max(1, scale.orders // scale.vehicles)
    return f"""
    create or replace macro dice(a, b, c) as (hash({scale.seed}, a, b, c) % 1000003) / 1000003.0;
    create or replace macro new_id(kind, a, b, c) as
        cast(cast(md5(concat_ws('/', {scale.seed}, kind, a, b, c)) as uuid) as varchar);
    create or replace macro vehicle_name(v) as printf('van-%04d', v);
    create or replace macro depot_of(v) as 'depot-' || (v % {DEPOTS});
    create or replace macro shift_of(v, day) as printf('van-%04d/%s', v, day);
    create or replace macro order_of(v, stop, day) as printf('order-%s-%04d-%d', day, v, stop);
    create or replace macro stop_of(v, stop) as printf('stop-%04d-%d', v, stop);
    create or replace macro lat_of(v, s) as
        51.0 + (v % {DEPOTS}) * 0.8 + (0.02 + (v % 5) * 0.01) * sin(radians(s / 20.0 + v * 7));
    create or replace macro lon_of(v, s) as
        9.0 + (v % {DEPOTS}) * 1.1 + (0.04 + (v % 7) * 0.01) * cos(radians(s / 27.0 + v * 13));
    create or replace macro stop_s(v, stop, day) as
        1800 + stop * {SHIFT_H * 3600 - 5400} / {per_vehicle} + dice(v, stop, day) * 600;
    -- A stop is one place on all days, about where its vehicle is when it is reached.
    create or replace macro place_s(v, stop) as stop_s(v, stop, 'place');
    create or replace table vehicles as
        select v, v % {PARTITIONS} as "partition" from range({scale.vehicles}) as t(v);
    create or replace table stops as select stop from range({per_vehicle}) as t(stop);
    """


@dataclass(frozen=True, slots=True)
class Query:
    """What lands on ``topic``: rows with ``"partition"``, ``appended_at`` and the event's own columns.

    ``event_time`` is the column that dates them, where they have a date.
    """

    topic: str
    sql: str
    event_time: str | None = None
