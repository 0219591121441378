"""What was seen before, 16 bytes each: event ids within a partition, (vehicle, fix time) within one.

A table of buckets with room for `WAYS` each; a full bucket forgets its oldest. It grows until its
largest size, so that while it still may grow hardly anything is forgotten. At its largest, of n
places, something seen is still known after n/4 newer ones in all but about 1 of 100,000 cases, and
after n/2 in all but about 1 of 100 (Poisson: 16 of 4, and of 8, in one bucket). What is forgotten
here, the warehouse still recognises.
"""

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from streams.columns.compiled import compiled

WAYS = 16
SMALLEST_BUCKETS = 64
BYTES_EACH = 16

Keys = NDArray[np.int64]
Counts = NDArray[np.int64]


class Seen:
    """``keys`` (buckets, WAYS, 2) and how many were ever put into each bucket, and into all (last)."""

    __slots__ = ("counts", "keys", "most_buckets")

    def __init__(self, most: int) -> None:
        """At most ``most`` are remembered, rounded up to a power of two."""
        self.most_buckets = 1 << max(0, (most - 1) // WAYS).bit_length()
        self._begin(min(SMALLEST_BUCKETS, self.most_buckets))

    def _begin(self, buckets: int) -> None:
        self.keys: Keys = np.zeros((buckets, WAYS, 2), np.int64)
        self.counts: Counts = np.zeros(buckets + 1, np.int64)

    def make_room(self) -> None:
        """Double the table if it is time; what it holds is put in again, oldest of each bucket first."""
        old_keys, old_counts = self.keys, self.counts
        if old_counts[-1] >= self.room:
            self._begin(2 * len(old_keys))
            _put_all(old_keys, old_counts, self.keys, self.counts)

    @property
    def room(self) -> int:
        """How many may have been put in before the table has to grow; without end at its largest."""
        return len(self.keys) * WAYS // 4 if 2 * len(self.keys) <= self.most_buckets else 2**62

    def save(self) -> tuple[bytes, bytes]:
        """The table as bytes."""
        return self.keys.tobytes(), self.counts.tobytes()

    @staticmethod
    def load(saved: tuple[bytes, bytes], most: int) -> "Seen":
        """The table that ``save`` wrote."""
        seen = Seen(most)
        seen.keys = np.frombuffer(saved[0], np.int64).reshape(-1, WAYS, 2).copy()
        seen.counts = np.frombuffer(saved[1], np.int64).copy()
        return seen


@compiled
def is_seen(keys: Keys, counts: Counts, high: int, low: int) -> bool:
    """Whether the 128 bits were seen; if not, they are from now on."""
    mixed = (uint64(high) ^ (uint64(low) * uint64(0x9E3779B97F4A7C15))) * uint64(0xD6E8FEB86659FD93)
    bucket = np.int64((mixed >> uint64(32)) & uint64(len(keys) - 1))
    count = counts[bucket]
    for way in range(min(count, WAYS)):
        if keys[bucket, way, 0] == high and keys[bucket, way, 1] == low:
            return True
    keys[bucket, count % WAYS, 0] = high
    keys[bucket, count % WAYS, 1] = low
    counts[bucket] = count + 1
    counts[-1] += 1
    return False


@compiled
def _put_all(old_keys: Keys, old_counts: Counts, keys: Keys, counts: Counts) -> None:
    for bucket in range(len(old_keys)):
        count = old_counts[bucket]
        for age in range(max(0, count - WAYS), count):
            is_seen(keys, counts, old_keys[bucket, age % WAYS, 0], old_keys[bucket, age % WAYS, 1])
    counts[-1] = old_counts[-1]
