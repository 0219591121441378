"""Which device is fitted to which vehicle, for the interval at which it is to be heard."""

import numpy as np
from numpy.typing import NDArray

from streams.events.reference import DeviceRecord
from streams.fleet.clocks import device_number
from streams.fleet.columns import NEVER
from streams.fleet.instants import micros
from streams.fleet.state import FleetState


def fit_device(state: FleetState, reference: DeviceRecord) -> None:
    """Take in a device's record; an older one than the vehicle's or the device's own changes nothing."""
    device, effective_us = device_number(reference.device_id), micros(reference.effective_at)
    known = state.fitted.get(device)
    if known is not None:
        if state.records[known]["fitted_us"] > effective_us:
            return
        _unfit(state, known)
    if reference.reporting_interval_s is None and reference.vehicle_id.encode() not in state.numbers:
        return
    number = state.number_of(reference.vehicle_id.encode())  # which may make the records grow
    vehicle = state.records[number]
    if effective_us >= vehicle["fitted_us"]:
        _unfit(state, number)
        state.fitted[device] = number
        vehicle["fitted_device"], vehicle["fitted_us"] = device, effective_us
        vehicle["fitted_interval_s"] = reference.reporting_interval_s or 0.0


def remove_device(state: FleetState, device_id: str) -> None:
    """The device is fitted to no vehicle any more."""
    number = state.fitted.get(device_number(device_id))
    if number is not None:
        _unfit(state, number)


def fitted_devices(records: NDArray[np.void]) -> dict[int, int]:
    """By device the number of the vehicle that it is fitted to, from the vehicles' records."""
    devices = records["fitted_device"]
    return {int(devices[number]): int(number) for number in np.flatnonzero(devices)}


def _unfit(state: FleetState, number: int) -> None:
    state.fitted.pop(int(state.records[number]["fitted_device"]), None)
    state.records[number]["fitted_device"] = 0
    state.records[number]["fitted_us"] = NEVER
    state.records[number]["fitted_interval_s"] = 0.0
