"""What the reference data say of a vehicle as a machine."""

from math import inf

import numpy as np

from streams.events.reference import VehicleRecord


def fit_machine(machine: np.void, reference: VehicleRecord) -> None:
    """Put the vehicle's own limits into its record."""
    low_c, high_c = reference.cargo_min_c, reference.cargo_max_c
    machine["has_band"] = low_c is not None or high_c is not None
    machine["cargo_min_c"] = -inf if low_c is None else low_c
    machine["cargo_max_c"] = inf if high_c is None else high_c
    machine["speed_limit_mps"] = reference.speed_limit_mps or 0.0
