"""A text's lines, which know their number so that an error can name it."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not empty."""

    number: int
    text: str

    @property
    def fields(self) -> list[str]:
        """What stands between blanks."""
        return self.text.split()

    @property
    def is_numeric(self) -> bool:
        """Whether it begins with a number."""
        try:
            float(self.fields[0])
        except ValueError:
            return False
        return True

    def numbers(self, *columns: str) -> list[float]:
        """One number per column; raises ``ValueError`` for more, fewer, or none."""
        if len(self.fields) != len(columns):
            raise self.error(f"has {len(self.fields)} fields; {', '.join(columns)} are expected")
        return [self._number(name, field) for name, field in zip(columns, self.fields, strict=True)]

    def integers(self, *columns: str) -> list[int]:
        """One whole number per column."""
        return [self.whole(name, value) for name, value in zip(columns, self.numbers(*columns), strict=True)]

    def whole(self, name: str, value: float) -> int:
        """A number that has to be whole."""
        if not value.is_integer():
            raise self.error(f"has a {name} that is not whole: {value:g}")
        return int(value)

    def error(self, words: str) -> ValueError:
        """What is wrong with this line."""
        return ValueError(f"line {self.number} {words}: {self.text[:80]!r}")

    def _number(self, name: str, field: str) -> float:
        try:
            value = float(field)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise self.error(f"has a {name} that is no number")
        return value


def lines_of(text: str) -> list[Line]:
    """The lines that are not empty, stripped, counted from 1."""
    return [Line(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
