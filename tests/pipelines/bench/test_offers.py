from pathlib import Path

from click.testing import CliRunner

from pipelines.bench.page import read_performance
from pipelines.bench.routing.goals import offers_goals
from pipelines.bench.routing.offers import OffersFigure, OffersFigures, Wish, measure_offers
from pipelines.commands.bench import command
from tests.pipelines.bench.figures import MACHINE

LARGE = Wish(n_stops=200, n_shifts=8, n_windows=40, n_orders=3, seed=1)
SMALL = Wish(n_stops=12, n_shifts=2, n_windows=4, n_orders=3, seed=1)


def test_new_customers_ask_before_the_day_and_in_its_middle() -> None:
    before, midday = measure_offers(SMALL)

    assert (before.orders, midday.orders) == (3, 3)
    assert before.open_stops == 12
    assert midday.open_stops < 12
    assert 0 < midday.mean_offers < before.mean_offers <= 4
    assert before.p50_ms <= before.p95_ms


def test_the_figures_are_shown_and_kept(tmp_path: Path) -> None:
    kept = tmp_path / "offers.json"
    size = ["--stops", "6", "--shifts", "1", "--windows", "2", "--orders", "2"]

    result = CliRunner().invoke(command, ["offers", *size, "--json", str(kept)], catch_exceptions=False)

    assert "Windows offered to a new customer" in result.output
    assert [each.orders for each in kept_offers(kept).figures] == [2, 2]


def test_offers_are_held_against_what_was_asked_on_a_day_as_large() -> None:
    one = OffersFigure(
        moment="before the day begins",
        orders=3,
        open_stops=200,
        mean_offers=9.0,
        p50_ms=20.0,
        p95_ms=101.0,
        most_ms=120.0,
        p95_cpu_ms=99.0,
    )

    (goal,) = offers_goals(OffersFigures(machine=MACHINE, wish=LARGE, figures=(one,)))

    assert (goal.measured, goal.is_met) == ("101 ms", False)
    assert list(offers_goals(OffersFigures(machine=MACHINE, wish=SMALL, figures=(one,)))) == []
    assert list(offers_goals(None)) == []


def kept_offers(path: Path) -> OffersFigures:
    routing = read_performance(path).routing
    assert routing is not None
    assert routing.offers is not None
    return routing.offers
