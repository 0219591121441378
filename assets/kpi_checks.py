"""The check that says which KPIs of the built days are unusual. It warns, and stops nothing."""

import dagster as dg

from assets.anomalies import LEAST_DAYS, MOST_Z, Compared, compare
from assets.history.asset import VERSIONS
from assets.models.project import Project
from assets.service_dates import ranges_of_run
from assets.sql_models import model_key
from assets.transient import tried_again
from assets.warehouse import POOL, Warehouse

CHECK = "figures_are_as_usual"
MOST_SHOWN, MOST_TOLD = 50, 3


def kpi_check(project: Project) -> dg.AssetChecksDefinition:
    """Robust z of each KPI against the 28 days before, once the history has the new figures."""

    @dg.asset_check(
        asset=model_key(project.model("kpi_daily")),
        name=CHECK,
        additional_deps=[VERSIONS],
        description=f"No KPI of a day that is over lies more than {MOST_Z} robust standard deviations "
        f"(median and MAD) from the 28 days before; with fewer than {LEAST_DAYS} of them it is not judged.",
        pool=POOL,
    )
    def figures_are_as_usual(
        context: dg.AssetCheckExecutionContext, warehouse: Warehouse
    ) -> dg.AssetCheckResult:
        with tried_again(context), warehouse.connect() as connection:
            return check_result(compare(connection, ranges_of_run(context.run.tags)))

    return figures_are_as_usual


def check_result(compared: tuple[Compared, ...]) -> dg.AssetCheckResult:
    """What was found, with the figures as a table."""
    unusual = [one for one in compared if one.is_anomalous]
    told = [str(one) for one in unusual[:MOST_TOLD]]
    more = [f"and {len(unusual) - MOST_TOLD} more"] if len(unusual) > MOST_TOLD else []
    return dg.AssetCheckResult(
        passed=not unusual,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join([*told, *more]) or None,
        metadata={
            "judged": sum(one.has_history for one in compared),
            "too_little_history": sum(not one.has_history for one in compared),
            "unusual": len(unusual),
            "figures": _table(unusual[:MOST_SHOWN]),
        },
    )


def _table(unusual: list[Compared]) -> dg.TableMetadataValue:
    columns = {
        "kpi": "string",
        "service_date": "string",
        "value": "float",
        "usual": "float",
        "z": "float",
        "usual_on_weekday": "float",
        "median_distance": "float",
        "days": "int",
    }
    schema = dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in columns.items()])
    return dg.MetadataValue.table([_record(one) for one in unusual], schema)


def _record(one: Compared) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "kpi": " ".join(filter(None, (one.kpi_id, one.currency))),
            "service_date": str(one.service_date),
            "value": one.value,
            "usual": one.usual,
            "z": one.z,
            "usual_on_weekday": one.usual_on_weekday,
            "median_distance": one.spread,
            "days": one.days,
        }
    )
