"""What Ctrl-C does to a command that knows nothing of it."""

import click
from click.testing import CliRunner

from pipelines.cli import LazyGroup


class Interrupted(LazyGroup):
    """Is interrupted while it imports its command."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        raise KeyboardInterrupt


def test_a_command_that_is_interrupted_as_it_starts_ends_as_shells_have_it() -> None:
    result = CliRunner().invoke(Interrupted(), ["demo"])

    assert (result.exit_code, result.stderr) == (130, "doorstep: interrupted\n")
