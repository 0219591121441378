"""How old an event may be at its receipt and still be judged: as long as its topic keeps it."""

import numpy as np

from streams.fleet.columns import DAY_US
from streams.fleet.observations import KINDS
from streams.topics import BY_NAME


def _days(topic: str) -> int:
    days = BY_NAME[topic].retention_days
    assert days is not None
    return days


RETENTION_DAYS = tuple(_days(kind.topic) for kind in KINDS)
RETENTION_US = np.array([days * DAY_US for days in RETENTION_DAYS], np.int64)
"""By kind of observation."""
