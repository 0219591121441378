"""Where tables are printed."""

from rich.console import Console

LOG_WIDTH = 180


def table_console() -> Console:
    """The terminal; a file or a pipe, which has no width of its own, is taken to be wide."""
    console = Console()
    return console if console.is_terminal else Console(width=LOG_WIDTH)
