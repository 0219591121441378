import json
from pathlib import Path

from click.testing import CliRunner

from pipelines.bench.routing.offers import Wish, measure_offers
from pipelines.commands.bench import command

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
    assert [each["orders"] for each in json.loads(kept.read_bytes())["figures"]] == [2, 2]
