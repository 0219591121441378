"""What marts assume stands in a seed, each with its meaning and source, and nothing there is idle."""

import csv
import re

from tests.models.given import MODELS

TEXTS = [path.read_text() for path in MODELS.glob("*/*.sql")]


def test_the_seed_has_what_models_ask_for_and_no_more() -> None:
    with (MODELS / "seeds" / "assumptions.csv").open(newline="") as file:
        seeded = [row["assumption"] for row in csv.DictReader(file)]
    asked = {name for text in TEXTS for name in re.findall(r"assumption\('(\w+)'\)", text)}
    in_loops = {name for text in TEXTS for line in re.findall(r"\{% for name in \[(.*)\] -?%\}", text)
                if "assumption(name)" in text for name in re.findall(r"'(\w+)'", line)}  # fmt: skip

    assert sorted(seeded) == sorted(asked | in_loops)
