"""The page of rules says everything that the streams judge by, and names tests that exist."""

import ast
from dataclasses import fields
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from streams.events.judgements import AlertKind, DelayRule, KnownBy, VerdictKind
from streams.events.notices import NoticeKind
from streams.fleet.clocks import ClockRule
from streams.fleet.positions import PositionRule
from streams.fleet.rules import FleetRules
from streams.reason_kinds import ReasonKind
from streams.rulebook.book import CHAPTERS, render_rules
from streams.rulebook.rule import Rule
from streams.topics import BY_NAME

ROOT = Path(__file__).parents[3]
RULES = [rule for chapter in CHAPTERS for rule in chapter.rules]
THRESHOLDS = {field.name for field in fields(FleetRules)}
SPOKEN = (AlertKind, ClockRule, DelayRule, KnownBy, NoticeKind, PositionRule, ReasonKind, VerdictKind)


def test_every_threshold_belongs_to_a_rule() -> None:
    assert THRESHOLDS - {name for rule in RULES for name in rule.figures} == set()


@pytest.mark.parametrize("words", SPOKEN)
def test_every_word_that_a_rule_speaks_by_is_explained(words: type[StrEnum]) -> None:
    explained = {word for rule in RULES for word in rule.told_as if isinstance(word, words)}

    assert set(words) - explained == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_names_thresholds_and_tests_that_exist(rule: Rule) -> None:
    assert set(rule.figures) <= THRESHOLDS
    assert rule.held_by, f"name the test that holds {rule.name}"
    for test in rule.held_by:
        path, name = test.split("::")
        assert name in names_in(path), f"{test} is gone: name the test that holds {rule.name} now"


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in RULES]

    assert sorted(set(names)) == sorted(names)


def test_chapters_name_topics() -> None:
    assert {chapter.told_on for chapter in CHAPTERS} <= set(BY_NAME)


def test_the_page_shows_names_words_figures_and_tests() -> None:
    (row,) = [line for line in render_rules().splitlines() if line.startswith("| `too_old`")]

    assert row.startswith("| `too_old` (`not_judged`) | Older at its receipt than its topic is kept")
    assert row.endswith("[a clock is judged against the receipt](../tests/streams/fleet/test_intake.py) |")


@cache
def names_in(path: str) -> set[str]:
    """The names of a file's tests."""
    if not (ROOT / path).is_file():
        return set()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
