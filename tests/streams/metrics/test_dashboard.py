import json
import re
from collections.abc import Iterator
from pathlib import Path

from streams.metrics.landing import LandingMetrics
from streams.metrics.worker import WorkerMetrics

DASHBOARD = Path(__file__).parents[3] / "deploy" / "grafana" / "doorstep.json"
OPERATING = DASHBOARD.parents[2] / "docs" / "operating.md"
NAME = re.compile(r"\bdoorstep_\w+")
GROUPING = re.compile(r"\bby \(([^)]*)\)|(\w+)=\"")
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}


def queries() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def families() -> dict[str, str]:
    """Every metric by its name without suffixes, with its kind."""
    registries = WorkerMetrics(lambda: 0).registry, LandingMetrics().registry
    return {family.name: family.type for registry in registries for family in registry.collect()}


def test_every_query_of_the_dashboard_names_metrics_that_exist() -> None:
    known = {name + suffix for name, kind in families().items() for suffix in SUFFIXES[kind]}

    asked = {name for query in queries() for name in NAME.findall(query)}

    assert asked - known == set()


def test_the_operators_page_explains_every_metric_and_no_other() -> None:
    known = {name + suffix for name, kind in families().items() for suffix in ("", *SUFFIXES[kind])}

    explained = set(NAME.findall(OPERATING.read_text(encoding="utf-8")))

    assert explained - known == set()
    assert {name for name in families() if not any(said.startswith(name) for said in explained)} == set()


def test_every_metric_is_on_the_dashboard() -> None:
    text = " ".join(queries())

    assert {name for name in families() if name not in text} == set()


def test_every_query_groups_by_labels_that_exist() -> None:
    metrics = WorkerMetrics(lambda: 0), LandingMetrics()
    labels = {
        label
        for one in metrics
        for metric in vars(one).values()
        for label in getattr(metric, "_labelnames", ())
    }

    asked = {
        label.strip()
        for query in queries()
        for grouped, chosen in GROUPING.findall(query)
        for label in (grouped.split(",") if grouped else [chosen])
    }

    assert asked - {"le"} - labels == set()
