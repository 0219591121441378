"""What was seen before: event ids within a partition, fix times within a vehicle. Both bounded."""

from datetime import datetime

from streams.fleet.state import SeenIds, VehicleState

FIX_TIME_BYTES = 8


def is_duplicate(seen: SeenIds, event_id: bytes, ids_per_generation: int) -> bool:
    """Whether the id was seen; if not, it is from now on.

    The last ``ids_per_generation`` ids are always remembered, at most twice as many are kept. Turned
    by count and not by time, so that a replay forgets the same ids.
    """
    if event_id in seen.young or event_id in seen.old:
        return True
    seen.young.add(event_id)
    if len(seen.young) >= ids_per_generation:
        seen.old, seen.young = seen.young, set()
    return False


def is_repeat(vehicle: VehicleState, fix_at: datetime, remembered: int) -> bool:
    """Whether the vehicle already had a fix at that time; if not, it has from now on.

    A fix newer than all before can't be a repeat, so the usual case searches nothing.
    """
    fix_us = round(fix_at.timestamp() * 1e6)
    packed = fix_us.to_bytes(FIX_TIME_BYTES, "little")
    if fix_us > vehicle.newest_fix_us:
        vehicle.newest_fix_us = fix_us
    elif holds(vehicle.fix_times, packed):
        return True
    vehicle.fix_times += packed
    if len(vehicle.fix_times) >= 2 * remembered * FIX_TIME_BYTES:
        del vehicle.fix_times[: -remembered * FIX_TIME_BYTES]
    return False


def holds(fix_times: bytearray, packed: bytes) -> bool:
    """Whether the packed fix time is one of ``fix_times``, and not the end of one and the next's begin."""
    found = fix_times.find(packed)
    while found >= 0 and found % FIX_TIME_BYTES:
        found = fix_times.find(packed, found + 1)
    return found >= 0
