"""Which vehicle a device was fitted to, and when."""

from bisect import bisect_right, insort
from datetime import datetime

from streams.events.reference import DeviceRecord


class Fitted:
    """The records of ``reference.devices`` that were taken so far."""

    def __init__(self) -> None:
        self._by_device: dict[str, list[tuple[datetime, int, str]]] = {}
        self._taken = 0

    def take(self, record: DeviceRecord) -> None:
        """One more record; of two from the same moment the one taken last counts."""
        self._taken += 1
        entry = (record.effective_at, self._taken, record.vehicle_id)
        insort(self._by_device.setdefault(record.device_id, []), entry)

    def vehicle_of(self, device_id: str, at: datetime) -> str | None:
        """The vehicle of a device at a moment; ``None`` before its first record, or without one."""
        entries = self._by_device.get(device_id, [])
        place = bisect_right(entries, at, key=lambda entry: entry[0])
        return entries[place - 1][2] if place else None
