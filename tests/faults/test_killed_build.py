"""Builds are killed with -9 at random moments, and run again: the warehouse is as if nothing had been."""

import random
import shutil
import time
from pathlib import Path

import pytest

from assets.pseudonyms import make_key
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from tests.faults.killable_build import built, digests, start_build
from tests.faults.plan import Form
from tests.models.events import (
    DAY,
    at,
    depot,
    fix,
    order,
    rate,
    scan,
    shift,
    telemetry,
    tick,
    vehicle,
    verdict,
)
from tests.models.given import Lake

SEED = 20261121
NEXT_DAY = "2026-03-03"
BOTH_DAYS = ("--from", DAY, "--to", NEXT_DAY)
OVER = at("12:00", day="2026-03-05")


def land_two_days(lake: Lake) -> None:
    """Eight orders in two days, and a vehicle that drives to them."""
    lake.land(depot(), vehicle(), shift(), rate(overhead_per_route=10))
    lake.land(*(order(f"o{number}") for number in range(8)))
    lake.land(*(fix(f"09:{minute:02}", 52.5 + minute / 1000) for minute in range(60)))
    lake.land(*(fix(f"09:{minute:02}", 52.5 + minute / 1000, day=NEXT_DAY) for minute in range(60)))
    lake.land(telemetry("09:00", odometer_m=10.0), telemetry("10:00", odometer_m=9_000.0))
    lake.land(*(scan(ScanKind.DELIVERED, f"09:1{number}", f"o{number}") for number in range(4)))
    lake.land(scan(ScanKind.FAILED, "09:30", "o4", day=NEXT_DAY), tick("12:00", day="2026-03-05"))


def land_late(lake: Lake) -> None:
    """What changes both days: a delivery, a second try, a fix and a verdict."""
    late = fix("10:01", 52.6)
    lake.land(scan(ScanKind.DELIVERED, "11:00", "o5"), late, appended_at=OVER)
    lake.land(scan(ScanKind.DELIVERED, "11:00", "o4", attempt=2, day=NEXT_DAY), appended_at=OVER)
    lake.land(verdict(late, 120, VerdictKind.REPEAT, "same_fix_time"), appended_at=OVER)


def killed_builds(home: Path, kills: int, takes_s: float, dice: random.Random) -> int:
    """How many of so many builds were killed, each at a moment of its own; prints when."""
    killed = 0
    for number in range(1, kills + 1):
        build, after_s = start_build(home, *BOTH_DAYS), dice.uniform(0.05, 0.75) * takes_s
        if build.ends_within(after_s):
            print(f"build {number} of {kills} ended within {after_s:.2f} s")
            continue
        build.kill()
        killed += 1
        print(
            f"build {number} of {kills} killed after {after_s:.2f} of about {takes_s:.1f} s: {build.said!r}"
        )
    return killed


def assert_same(home: Path, expected: Path) -> None:
    for database in ("warehouse/warehouse.duckdb", "published/kpi.duckdb"):
        assert digests(home / database) == digests(expected / database)


@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_a_build_killed_at_random_moments_and_run_again_leaves_the_same_warehouse(
    tmp_path: Path, form: Form
) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    lake, dice = Lake(undisturbed / "lake"), random.Random(SEED)
    land_two_days(lake)
    built(undisturbed)
    land_late(lake)
    shutil.copytree(undisturbed, disturbed, symlinks=True)
    began = time.monotonic()
    built(undisturbed)

    print(f"seed {SEED}")
    killed = killed_builds(disturbed, form.killed_builds, time.monotonic() - began, dice)
    said = built(disturbed)

    assert killed > 0
    assert "Published" in said or "Nothing to build" in said
    assert_same(disturbed, undisturbed)
    assert not list((disturbed / "published").glob(".*"))
    if form.is_long:
        built(disturbed, *BOTH_DAYS)
        assert_same(disturbed, undisturbed)


@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_a_first_build_killed_at_random_moments_and_run_again_leaves_the_same_warehouse(
    tmp_path: Path, form: Form
) -> None:
    if not form.is_long:
        pytest.skip("the long form: make test-faults")
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    land_two_days(Lake(undisturbed / "lake"))
    make_key(undisturbed / "keys" / "pseudonyms.key")
    shutil.copytree(undisturbed, disturbed)
    began = time.monotonic()
    built(undisturbed)

    killed = killed_builds(disturbed, form.killed_builds, time.monotonic() - began, random.Random(SEED))
    built(disturbed)

    assert killed > 0
    assert_same(disturbed, undisturbed)
