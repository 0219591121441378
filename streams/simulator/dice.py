"""Where all of the simulator's chance comes from."""

from random import Random


def dice(*causes: object) -> Random:
    """A generator of its own for one matter: the same causes draw the same numbers in any process.

    Each matter has its own, so that one more draw somewhere does not change the rest of the day.
    """
    return Random("\x1f".join(map(str, causes)))


def lognormal(generator: Random, median: float, sigma: float) -> float:
    """A positive draw around ``median``; ``sigma`` is the deviation of its logarithm."""
    return median * generator.lognormvariate(0.0, sigma)
