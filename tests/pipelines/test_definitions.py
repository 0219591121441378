"""What a stranger needs to find their way in the Dagster UI is on every asset and check."""

from functools import cache

import dagster as dg
import pytest

from pipelines.settings import Settings
from pipelines.wiring import build_definitions
from tests.models.given import PROJECT

pytestmark = pytest.mark.filterwarnings("ignore")


@cache
def definitions(**environ: str) -> dg.Definitions:
    return build_definitions(Settings.from_env(environ), PROJECT)


def specs() -> list[dg.AssetSpec]:
    return list(definitions().resolve_all_asset_specs())


def test_every_asset_says_what_it_is_whose_it_is_and_what_it_is_made_with() -> None:
    lacking = [
        spec.key.to_user_string()
        for spec in specs()
        if not (spec.description and spec.owners and spec.kinds and spec.group_name)
    ]

    assert lacking == []


def test_every_check_says_what_it_holds() -> None:
    graph = definitions().resolve_asset_graph()

    assert [key for key in graph.asset_check_keys if not graph.get_check_spec(key).description] == []


def test_what_people_read_and_what_lands_has_to_be_fresh() -> None:
    fresh = {spec.key.to_user_string() for spec in specs() if spec.freshness_policy}

    assert {"published/kpis", "marts/kpi_daily", "raw/gps_fixes"} <= fresh
    assert "seeds/kpi_catalogue" not in fresh


def test_failures_are_told_where_there_is_somebody_to_tell() -> None:
    def sensors(**environ: str) -> set[str]:
        return {sensor.name for sensor in definitions(**environ).sensors or []}

    assert sensors() == {"new_files"}
    assert sensors(DOORSTEP_FAILURE_WEBHOOK="http://hooks.example/x") == {"new_files", "tell_of_failures"}
