"""``--environments``: environments with other packages than ours are made under ``build/``, once."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--environments", action="store_true", help="tests/readers in environments of their own")
