"""What was seen before, by its print: event ids within a partition, (vehicle, fix time) within one.

A table of buckets with room for `WAYS` prints each; a full bucket forgets its oldest. It grows until
its largest size, so that while it still may grow hardly anything is forgotten. At its largest, of n
places, something seen is still known after n/2 newer ones in all but 1 of 2,000,000 cases (Poisson: 64
of 32 in one bucket): 16 bytes for each that is surely known. What is forgotten here, the warehouse
still recognises.

A print is 64 bits of 128. An event that is new is taken for a duplicate in 1 of 3 * 10^13 cases (64 of
2^51 in a bucket of the largest table), and has a verdict that says so.
"""

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from streams.columns.compiled import compiled

WAYS = 64
SMALLEST_BUCKETS = 4
BYTES_EACH = 8

Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]


class Seen:
    """``keys`` (buckets, WAYS) and how many were ever put into each bucket, and into all (last)."""

    __slots__ = ("counts", "keys", "most_buckets")

    def __init__(self, most: int) -> None:
        """At most ``most`` are remembered, rounded up to a power of two."""
        self.most_buckets = 1 << max(0, (most - 1) // WAYS).bit_length()
        self._begin(min(SMALLEST_BUCKETS, self.most_buckets))

    def _begin(self, buckets: int) -> None:
        self.keys: Keys = np.zeros((buckets, WAYS), np.uint64)
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
        return len(self.keys) * WAYS // 2 if 2 * len(self.keys) <= self.most_buckets else 2**62

    def save(self) -> tuple[bytes, bytes]:
        """The table as bytes."""
        return self.keys.tobytes(), self.counts.tobytes()

    @staticmethod
    def load(saved: tuple[bytes, bytes], most: int) -> "Seen":
        """The table that ``save`` wrote."""
        seen = Seen(most)
        seen.keys = np.frombuffer(saved[0], np.uint64).reshape(-1, WAYS).copy()
        seen.counts = np.frombuffer(saved[1], np.int64).copy()
        return seen


@compiled
def is_seen(keys: Keys, counts: Counts, high: int, low: int) -> bool:
    """Whether the 128 bits were seen; if not, they are from now on."""
    return _is_known(keys, counts, _mixed(uint64(high) * uint64(0x9E3779B97F4A7C15) ^ _mixed(uint64(low))))


@compiled
def _mixed(bits: int) -> int:
    """The bits such that each depends on all: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014)."""
    bits = (bits ^ (bits >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> uint64(27))) * uint64(0x94D049BB133111EB)
    return bits ^ (bits >> uint64(31))


@compiled
def _is_known(keys: Keys, counts: Counts, found: int) -> bool:
    """A place never used holds 0, which is taken for 1; all are looked at, since that takes no branches."""
    found = max(found, uint64(1))
    bucket = np.int64(found & uint64(len(keys) - 1))
    is_known = False
    for way in range(WAYS):
        is_known |= keys[bucket, way] == found
    if not is_known:
        keys[bucket, counts[bucket] % WAYS] = found
        counts[bucket] += 1
        counts[-1] += 1
    return is_known


@compiled
def _put_all(old_keys: Keys, old_counts: Counts, keys: Keys, counts: Counts) -> None:
    for bucket in range(len(old_keys)):
        count = old_counts[bucket]
        for age in range(max(0, count - WAYS), count):
            _is_known(keys, counts, old_keys[bucket, age % WAYS])
    counts[-1] = old_counts[-1]
