"""``--long``: the whole of what is promised, in minutes; without it, a short form of the same."""

import pytest

from tests.faults.plan import LONG, SHORT, Form


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="tests/faults in their long form")


@pytest.fixture(scope="session")
def form(request: pytest.FixtureRequest) -> Form:
    """How much is asked for."""
    return LONG if request.config.getoption("--long", default=False) else SHORT
