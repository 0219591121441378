"""``doorstep build`` as its own process, and what Dagster's record of the run says of its insides."""

import sys

import dagster as dg

from assets.raw import CHECKED_S
from assets.sql_models import BUILT_S, TESTED_S
from pipelines.bench.warehouse.figures import (
    HISTORY_LOG,
    MODELS,
    PUBLISHING,
    SLICES,
    TESTS,
    BuildRun,
    Part,
)
from pipelines.bench.warehouse.measured import measure
from pipelines.dagster_home import open_instance
from pipelines.settings import Settings

WITHIN_S = 900.0
SLOWEST = 8
SUBSET = ("stg_gps_fixes", "int_legs", "int_observed_minutes")
"""The models that the data frames' subset is held against."""

Taken = dict[tuple[str, str], float]
"""Seconds by asset and kind."""


def build(settings: Settings, what: str, fixes: int) -> BuildRun:
    """Build all that has landed since. Raises ``DoorstepError`` with its words where the build fails."""
    command = [sys.executable, "-m", "pipelines", "build"]
    measured = measure(command, {"DOORSTEP_HOME": str(settings.home), "DOORSTEP_TIME_ZONE": "UTC"}, WITHIN_S)
    with open_instance(settings) as instance:
        (run,) = instance.get_run_records(limit=1)
        spans = {
            step.step_key: (step.end_time or 0.0) - (step.start_time or 0.0)
            for step in instance.get_run_step_stats(run.dagster_run.run_id)
        }
        taken = _taken(instance, run.dagster_run.run_id)
    return BuildRun(
        what=what,
        fixes=fixes,
        wall_s=measured.wall_s,
        cpu_s=measured.cpu_s,
        peak_bytes=measured.peak_bytes,
        dates=_dates(measured.said),
        parts=(
            Part(what=SLICES, seconds=_sum(taken, CHECKED_S)),
            Part(what=MODELS, seconds=_sum(taken, BUILT_S)),
            Part(what=TESTS, seconds=_sum(taken, TESTED_S)),
            Part(what=HISTORY_LOG, seconds=spans.get("history", 0.0)),
            Part(what=PUBLISHING, seconds=spans.get("published__kpis", 0.0)),
        ),
        slowest=_slowest(taken),
    )


def subset_s(run: BuildRun) -> float:
    """Seconds of the models that do what the data frames do, and more."""
    return sum(part.seconds for part in run.slowest if part.what in SUBSET)


def _taken(instance: dg.DagsterInstance, run_id: str) -> Taken:
    """What the run's materializations say; there is one for each partition, which all say the same."""
    taken: Taken = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        found = entry.get_dagster_event().step_materialization_data.materialization
        for kind in (CHECKED_S, BUILT_S, TESTED_S):
            if kind in found.metadata:
                taken[found.asset_key.path[-1], kind] = float(str(found.metadata[kind].value))
    return taken


def _sum(taken: Taken, kind: str) -> float:
    return sum(seconds for (_, found), seconds in taken.items() if found == kind)


def _slowest(taken: Taken) -> tuple[Part, ...]:
    """The models that took longest, and those of the subset."""
    built = ((seconds, name) for (name, kind), seconds in taken.items() if kind == BUILT_S)
    models = sorted(built, reverse=True)
    kept = [(s, name) for place, (s, name) in enumerate(models) if place < SLOWEST or name in SUBSET]
    return tuple(Part(what=name, seconds=seconds) for seconds, name in kept)


def _dates(said: str) -> str:
    """What the command said it builds."""
    lines = [line for line in said.splitlines() if line.startswith("Building service dates ")]
    return lines[0].removeprefix("Building service dates ").removesuffix(" …") if lines else ""
