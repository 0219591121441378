from collections.abc import Callable
from pathlib import Path

import pytest

from streams.events.base import Event
from tests.models.events import DAY
from tests.models.given import Lake, Warehouse

Build = Callable[..., Warehouse]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def given(lake: Lake) -> Build:
    """Lands events and builds all models for their day (or ``first`` to ``last``)."""

    def build(*events: Event, first: str = DAY, last: str | None = None, time_zone: str = "UTC") -> Warehouse:
        lake.land(*events)
        return Warehouse(lake.root, time_zone).build(first, last)

    return build
