"""What the published file has learned of a depot: speeds by zone and hour, and service times."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import h3

from assets.published_file import open_published, require_table
from routing.errors import ConfigurationError
from routing.learned import LearnedSpeeds, ZoneAndHour
from routing.plan import Location
from routing.problem import Problem
from routing.service import ServiceTimes
from routing.travel import StraightLine
from streams.lake.schema import H3_RESOLUTION

_SPEEDS = """
    select nullif(zone, 'all'), local_hour, median_crow_mps, drives, time_zone
    from marts.learned_speeds
    where depot_id = ? and is_enough and zone <> 'unknown'
"""

# Of one parcel: what more parcels take is added by the parcel, so that visits of all would count them twice.
_SERVICE = """
    select stop_kind, median_s, visits
    from marts.learned_service_times
    where depot_id = ? and is_enough and parcels = '1'
"""
_FIELDS = {"deliver": "deliver_s", "pick_up": "pick_up_s", "return": "return_s"}


@dataclass(frozen=True, slots=True)
class Learned:
    """Of one depot, where the sample is enough: metres a second as the crow flies by zone and local hour.

    ``service_s`` are seconds of stops with one parcel, ``visits`` those that they are the medians of.
    """

    crow_mps: dict[ZoneAndHour, float]
    time_zone: ZoneInfo
    drives: int
    service_s: dict[str, float]
    visits: int

    def by_utc_hour(self, day: date) -> dict[ZoneAndHour, float]:
        """The speeds by zone and UTC hour, as clocks go on ``day``."""
        local_hours = [
            datetime.combine(day, time(hour), UTC).astimezone(self.time_zone).hour for hour in range(24)
        ]
        of_hours: dict[ZoneAndHour, float] = {
            (zone, utc_hour): mps
            for (zone, hour), mps in self.crow_mps.items()
            for utc_hour in range(24)
            if local_hours[utc_hour] == hour
        }
        return {key: mps for key, mps in self.crow_mps.items() if key[1] is None} | of_hours

    def travel(self, problem: Problem, otherwise: StraightLine) -> LearnedSpeeds:
        """The travel times for the problem's date; ``otherwise`` has the detour, and what nobody drove."""
        ends = [place for shift in problem.shifts for place in (shift.start, shift.end)]
        ends += [carrier.start for carrier in problem.carriers]
        return LearnedSpeeds(self.by_utc_hour(problem.service_date), zone_of, frozenset(ends), otherwise)

    def straight(self, day: date, otherwise: StraightLine) -> StraightLine:
        """Straight lines at the depot's speeds by the hour, zones apart.

        ``otherwise`` has the detour, and the speeds of hours that too few drives are known of.
        """
        crow_mps = self.by_utc_hour(day)
        learned = [crow_mps.get((None, hour)) for hour in range(24)]
        speeds_mps = [
            speed_mps if mps is None else round(mps * otherwise.detour, 3)
            for mps, speed_mps in zip(learned, otherwise.speeds_mps, strict=True)
        ]
        return replace(otherwise, speeds_mps=tuple(speeds_mps))

    def service(self, otherwise: ServiceTimes) -> ServiceTimes:
        """Learned service times; those of ``otherwise`` for kinds of stop that too few were seen of."""
        return replace(otherwise, **self.service_s)

    @property
    def words(self) -> str:
        """What it is from."""
        return (
            f"reckons with speeds learned from {self.drives} drives and service times of {self.visits} visits"
        )


def zone_of(place: Location) -> str:
    """The H3 cell that the models know a place by."""
    return str(h3.latlng_to_cell(place.lat_deg, place.lon_deg, H3_RESOLUTION))


def read_learned(published: Path, depot_id: str) -> Learned:
    """What is learned of a depot. Raises ``ConfigurationError`` where that is nothing."""
    with open_published(published) as connection:
        for table in ("learned_speeds", "learned_service_times"):
            require_table(connection, published, table)
        speeds = connection.execute(_SPEEDS, [depot_id]).fetchall()
        service = connection.execute(_SERVICE, [depot_id]).fetchall()
        if not speeds:
            raise ConfigurationError(
                f"{published} has too few drives of depot {depot_id}{_others(connection)}"
            )
    used = [row for row in service if row[0] in _FIELDS]
    drives = next((drives for zone, hour, _, drives, _ in speeds if zone is None and hour is None), 0)
    return Learned(
        {(zone, hour): mps for zone, hour, mps, _, _ in speeds},
        ZoneInfo(speeds[0][4]),
        drives,
        {_FIELDS[kind]: median_s for kind, median_s, _ in used},
        sum(visits for _, _, visits in used),
    )


def _others(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute(
        "select distinct depot_id from marts.learned_speeds where is_enough order by 1"
    )
    depots = [depot_id for (depot_id,) in found.fetchall()]
    return f"; it has enough of {', '.join(depots)}" if depots else ", and of every other"
