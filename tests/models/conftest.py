from collections.abc import Callable
from pathlib import Path

import pytest

from streams.events.base import Event
from tests.models.events import DAY
from tests.models.given import Lake, OnDemand

Build = Callable[..., OnDemand]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def given(lake: Lake) -> Build:
    """Lands events; models are built for their day (or ``first`` to ``last``) when they are asked for."""

    def build(*events: Event, first: str = DAY, last: str | None = None, time_zone: str = "UTC") -> OnDemand:
        lake.land(*events)
        return OnDemand(lake.root, time_zone, first=first, last=last)

    return build
