import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import MappingError
from streams.ingest.units import UNITS, unit_for

FIELD = {"mps": "speed_mps", "m": "odometer_m", "s": "service_s", "kg": "weight_kg"} | {
    "l": "fuel_used_l",
    "kwh": "energy_used_kwh",
    "c": "cargo_temperature_c",
    "share": "fuel_level_share",
}


@pytest.mark.parametrize(
    ("unit", "value", "in_field"),
    [
        ("mph", 60, 26.8224),
        ("km/h", 90, 25.0),
        ("knots", 1, 0.514444),
        ("miles", 1, 1609.344),
        ("ft", 1, 0.3048),
        ("min", 1.5, 90),
        ("lb", 1, 0.45359237),
        ("gal_us", 1, 3.785411784),
        ("Wh", 250, 0.25),
        ("F", 212, 100),
        ("%", 60, 0.6),
        ("F", -40, -40),
    ],
)
def test_units_are_the_international_ones(unit: str, value: float, in_field: float) -> None:
    assert UNITS[unit].convert(value) == pytest.approx(in_field, rel=1e-6)


@given(st.sampled_from(sorted(UNITS)), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_larger_value_is_not_smaller_in_any_unit(name: str, one: float, other: float) -> None:
    unit = unit_for(FIELD[UNITS[name].suffix], name)

    assert unit.convert(min(one, other)) <= unit.convert(max(one, other))


def test_an_unknown_unit_is_named_with_those_that_are_known() -> None:
    with pytest.raises(MappingError, match=r"unit 'furlongs' of field speed_mps is unknown.*mph"):
        unit_for("speed_mps", "furlongs")


@pytest.mark.parametrize(("field", "unit"), [("odometer_m", "mph"), ("speed_mps", "m"), ("vehicle_id", "m")])
def test_a_unit_of_another_kind_is_refused(field: str, unit: str) -> None:
    with pytest.raises(MappingError, match="doesn't fit field"):
        unit_for(field, unit)
