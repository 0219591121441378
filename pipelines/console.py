"""Where tables are printed."""

from rich.console import Console

LOG_WIDTH = 180


def table_console() -> Console:
    """The terminal; a file or a pipe, which has no width of its own, is taken to be wide.

    What is printed is the operators' own words: brackets and colons in them are no mark-up.
    """
    console = Console(markup=False, emoji=False)
    return console if console.is_terminal else Console(width=LOG_WIDTH, markup=False, emoji=False)
