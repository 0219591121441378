"""One rule as the page of rules shows it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Rule:
    """``figures`` name thresholds of ``FleetRules``; ``told_as`` are the words it speaks by in events.

    ``held_by`` are tests as pytest names them, ``tests/streams/test_keys.py::test_a_tick_has_no_key``.
    """

    name: str
    meaning: str
    figures: tuple[str, ...] = ()
    told_as: tuple[StrEnum, ...] = ()
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules on one subject; ``told_on`` says on which topic they speak."""

    title: str
    told_on: str
    rules: tuple[Rule, ...]


def tests_in(file: str, *names: str) -> tuple[str, ...]:
    """``held_by`` of tests in one file; names are without their ``test_``."""
    return tuple(f"tests/streams/{file}.py::test_{name}" for name in names)
