"""A depot's local time: which service date a moment belongs to."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routing.errors import ContractError

FIRST, LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
"""Far enough from the calendar's ends for any time zone to be applied."""


def time_zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises ``ContractError`` for one that doesn't exist."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ContractError(
            f"time_zone {name!r} is none of the IANA time zones, such as 'Europe/Berlin' or 'UTC'",
            "time_zone: it must be one of the IANA time zones",
        ) from error


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The service date of a moment is the local date of (moment - ``cutover_hour`` hours)."""

    zone: ZoneInfo
    cutover_hour: int = 0

    def service_date(self, moment: datetime) -> date:
        """The service date that ``moment`` belongs to."""
        within = min(max(moment, FIRST), LAST)
        return (within - timedelta(hours=self.cutover_hour)).astimezone(self.zone).date()

    def starts_at(self, service_date: date) -> datetime:
        """The first moment of a service date, UTC."""
        midnight = datetime.combine(service_date, time(), self.zone)
        return midnight.astimezone(UTC) + timedelta(hours=self.cutover_hour)
