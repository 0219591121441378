"""Units that columns come in, to the unit that a field's name ends with."""

from dataclasses import dataclass

from routing.errors import MappingError


@dataclass(frozen=True, slots=True)
class Unit:
    """``value * factor + offset`` is in the unit that field names write as ``suffix``."""

    suffix: str
    factor: float
    offset: float = 0.0

    def convert(self, value: float) -> float:
        """The value in the field's unit."""
        return value * self.factor + self.offset


UNITS: dict[str, Unit] = {
    "m/s": Unit("mps", 1.0),
    "km/h": Unit("mps", 1 / 3.6),
    "mph": Unit("mps", 0.44704),
    "knots": Unit("mps", 1852 / 3600),
    "m": Unit("m", 1.0),
    "km": Unit("m", 1000.0),
    "miles": Unit("m", 1609.344),
    "ft": Unit("m", 0.3048),
    "s": Unit("s", 1.0),
    "min": Unit("s", 60.0),
    "h": Unit("s", 3600.0),
    "kg": Unit("kg", 1.0),
    "lb": Unit("kg", 0.45359237),
    "l": Unit("l", 1.0),
    "gal_us": Unit("l", 3.785411784),
    "gal_uk": Unit("l", 4.54609),
    "kWh": Unit("kwh", 1.0),
    "Wh": Unit("kwh", 0.001),
    "C": Unit("c", 1.0),
    "F": Unit("c", 5 / 9, -160 / 9),
    "%": Unit("share", 0.01),
}
"""The exact international definitions: mile 1,609.344 m, foot 0.3048 m, pound 0.45359237 kg, gallons."""


def unit_for(field: str, name: str) -> Unit:
    """The unit called ``name``, for a field. Raises ``MappingError`` for one unknown or not of its kind."""
    unit = UNITS.get(name)
    if unit is None:
        raise MappingError(f"unit {name!r} of field {field} is unknown; known are {', '.join(UNITS)}")
    if not field.endswith(f"_{unit.suffix}"):
        raise MappingError(f"unit {name!r} doesn't fit field {field}: it makes a value in {unit.suffix}")
    return unit
