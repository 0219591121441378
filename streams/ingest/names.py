"""Text of somebody's file as messages show it: nothing that a terminal can't, and not without end."""

from collections.abc import Sequence

MOST_NAMES = 20
LONGEST_NAME = 60


def escaped(text: str, longest: int = LONGEST_NAME) -> str:
    r"""The text with what is no character of UTF-8, or not printable, as ``\xff``; its beginning alone."""
    start = text[:longest].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in start)
    return shown if len(text) <= longest else f"{shown}…"


def listed(names: Sequence[str]) -> str:
    """The names with commas between, the first of them where they are many."""
    shown = ", ".join(escaped(name) for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown or "none"
