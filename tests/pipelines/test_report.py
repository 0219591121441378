"""The report page says what the published file says, also where that is nothing."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assets.history.reading import Correction
from assets.kpi_reading import Kpi
from pipelines.report.facts import Cause, Facts, HourOfPromises, Zone, read_facts
from pipelines.report.operating import Carriers, DearZone, Odds, Operating, Site
from pipelines.report.page import format_value, render
from routing.errors import ConfigurationError

DAY = date(2026, 10, 13)
AS_OF = datetime(2026, 10, 13, 18, tzinfo=UTC)


NEVER_COSTED = Carriers("partner", None, 0, 4, 0, 4, 0, None, 0, 0, 0, None)


def kpi(
    value: float | None, unit: str = "share", currency: str | None = None, kpi_id: str = "on_time_rate"
) -> Kpi:
    return Kpi(kpi_id, "On-time rate", "all", "all", 3.0, 4.0, 0, 0, value, unit, currency, 1, AS_OF)


def facts(**changes: tuple[object, ...] | Operating) -> Facts:
    shown: dict[str, tuple[object, ...] | Operating] = {
        "overall": (kpi(0.75),),
        "by_depot": (),
        "by_vehicle_class": (),
        "hours": (),
        "zones": (),
        "causes": (),
        "corrections": (),
        "operating": Operating(),
        **changes,
    }
    return Facts(DAY, DAY, AS_OF, **shown)  # type: ignore[arg-type]


def test_a_share_is_shown_in_per_cent_and_nothing_as_a_dash() -> None:
    assert format_value(kpi(0.75)) == "75.0%"
    assert format_value(kpi(None)) == "–"
    assert format_value(kpi(4.7071, "currency/mile", "EUR")) == "4.71"


def test_the_page_has_its_pictures_and_names_the_currency() -> None:
    cost = kpi(9.2, "currency/order", "EUR", "cost_per_delivery")

    page = render(
        facts(
            by_vehicle_class=(cost,),
            hours=(HourOfPromises(11, 5, 2, 1),),
            zones=(Zone("871f1d489ffffff", 8, 5),),
        )
    )

    assert page.count("<svg") == 3
    assert "EUR/order" in page
    assert "75.0%" in page


def test_the_page_has_exceptions_by_cause_and_what_was_corrected_why() -> None:
    corrected = Correction(
        corrected_at=AS_OF,
        kpi_id="early_rate",
        service_date=DAY,
        segment="all",
        segment_value="all",
        currency=None,
        was_day_over=True,
        old_median=None,
        new_median=None,
        old_p90=None,
        new_p90=None,
        old_numerator=1,
        old_denominator=4,
        old_value=0.25,
        new_numerator=2,
        new_denominator=4,
        new_value=0.5,
        old_excluded=0,
        new_excluded=0,
        old_unknown=1,
        new_unknown=0,
        old_definition_version=1,
        new_definition_version=1,
        reason="a late <scan>",
        publication_id="p",
    )

    page = render(
        facts(
            causes=(Cause("failed_attempt", "not_at_home", 3, "EUR", 2, 12.5, 0, None),),
            corrections=(corrected,),
        )
    )

    assert "<td>failed attempt</td><td>not at home</td><td>3</td><td>EUR</td>" in page
    assert "<td>12.50 over 2 of 3</td><td>– over 0 of 3</td>" in page
    assert "a late &lt;scan&gt;" in page
    assert "<td>1.00 / 4.00</td><td>2.00 / 4.00</td>" in page
    assert "Exceptions by cause" not in render(facts())


def test_the_page_has_carriers_odds_dear_zones_and_sites_with_what_they_are_over() -> None:
    page = render(
        facts(
            operating=Operating(
                (Carriers("own_fleet", "EUR", 2, 10, 1, 9, 8, 40.0, 10, 9, 12, 6.0), NEVER_COSTED),
                (Odds("north", "17 to 18 h", 3, 20, 0.15, 0.0524, 0.3604, 0.12),),
                (DearZone("north", "881f114a59fffff", "EUR", 4, 3, 9.5, 7.0, 12, 7.5, is_enough=False),),
                11,
                (Site("north", "881f114a59fffff", 80.0, 12.25, None, None, 3.5),),
            )
        )
    )

    assert "<td>own fleet</td><td>EUR</td><td>2</td><td>10</td><td>10.0%</td>" in page
    assert "<td>9</td><td>5.00 over 8</td><td>90.0% of 10</td><td>0.50 over 12</td>" in page
    assert "<td>4</td><td>– over 0</td><td>– of 0</td><td>– over 0</td>" in page
    assert "<td>3 of 20</td><td>15.0%</td>\n<td>5.2% to 36.0%</td><td>12.0%</td>" in page
    assert "<td>3 of 4 (few)</td><td>EUR</td>\n<td>9.50</td><td>7.00 over 12 zones</td><td>7.50</td>" in page
    assert "<td>80.00</td><td>12.25</td><td></td>\n<td>–</td><td>3.50</td>" in page
    assert "Shown are 1 of 11, the dearest of each currency" in page
    for heading in ("Own fleet", "Where attempts fail", "as dense", "stock nearby"):
        assert heading not in render(facts())


def test_an_empty_day_has_a_page_without_pictures() -> None:
    page = render(facts(overall=(kpi(None),)))

    assert "<svg" not in page
    assert "–" in page


def test_nothing_published_is_named_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="doorstep build"):
        read_facts(tmp_path / "kpi.duckdb")
