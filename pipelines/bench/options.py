"""Options that several benchmarks have."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


def keeping(help_text: str = "Keep the figures here.") -> Callable[[Command], Command]:
    """``--json``, as ``target``: where the figures are kept."""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--json", "target", type=path, help=help_text)


def beside(peers: str) -> Callable[[Command], Command]:
    """``--peers-python``, as ``peers_python``: the environment that ``peers`` run in."""
    return click.option(
        "--peers-python",
        type=click.Path(dir_okay=False, path_type=Path),
        default=Path("build", "bench-venv", "bin", "python"),
        show_default=True,
        help=f"The environment of {peers}; `make bench` makes it.",
    )
