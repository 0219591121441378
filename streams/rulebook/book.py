"""The whole book in order, and its page."""

from collections.abc import Iterator

from streams.fleet.rules import DEFAULT_RULES
from streams.rulebook.customers import NOTICES
from streams.rulebook.devices import CLOCKS, POSITIONS, SILENCE
from streams.rulebook.intake import DEAD_LETTERS, REPEATS
from streams.rulebook.machine import COUNTERS, MACHINE
from streams.rulebook.rule import Chapter, Rule
from streams.rulebook.shifts import SHIFTS
from streams.rulebook.stops import STAYS
from streams.rulebook.times import DELAYS, ETAS, PROGRESS

CHAPTERS: tuple[Chapter, ...] = (
    REPEATS,
    CLOCKS,
    POSITIONS,
    STAYS,
    ETAS,
    DELAYS,
    PROGRESS,
    SHIFTS,
    SILENCE,
    COUNTERS,
    MACHINE,
    NOTICES,
    DEAD_LETTERS,
)
_INTRODUCTION = """\
What the streams judge by: for each rule its name, its meaning, the figures it has unless they are
changed (thresholds of `streams/fleet/rules.py`; the end of a name is the unit), and the tests that hold
it. Where a rule speaks by a word of an event, that word stands behind its name.
"""


def render_rules() -> str:
    """The page of rules."""
    return "\n".join(["# Rules\n", _INTRODUCTION, *map(_section, CHAPTERS)])


def _section(chapter: Chapter) -> str:
    head = ["| rule | meaning | figures | held by |", "|---|---|---|---|"]
    told = f"Spoken on `{chapter.told_on}`.\n"
    return "\n".join([f"## {chapter.title}\n", told, *head, *map(_row, chapter.rules), ""])


def _row(rule: Rule) -> str:
    figures = "<br>".join(f"`{name}` {getattr(DEFAULT_RULES, name):,.10g}" for name in rule.figures)
    return f"| {_name(rule)} | {rule.meaning} | {figures} | {'<br>'.join(_links(rule))} |"


def _name(rule: Rule) -> str:
    words = [f"`{word}`" for word in rule.told_as if word.value != rule.name]
    name = f"`{rule.name}`" if rule.told_as and rule.name.isidentifier() else rule.name
    return f"{name} ({', '.join(words)})" if words else name


def _links(rule: Rule) -> Iterator[str]:
    for test in rule.held_by:
        path, name = test.split("::")
        yield f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"
