"""Numbers on the command line."""

from math import isfinite

import click


class FiniteRange(click.FloatRange):
    """A range of numbers; "nan" and "inf", which no comparison stops, are none of them."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Fails as an option does where it is none."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value} is no number that can be counted with.", param, ctx)
        return number
