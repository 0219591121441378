import pytest

from routing.errors import MappingError
from streams.ingest.mapping import read_mapping

SMALLEST = """
source: shop
events:
  - topic: delivery.orders
    fields:
      order_id: {column: id}
"""


def test_a_mapping_names_a_source_and_events() -> None:
    mapping = read_mapping(SMALLEST)

    assert mapping.source == "shop"
    assert mapping.events[0].fields["order_id"].column == "id"


def test_a_date_in_yaml_stays_text() -> None:
    mapping = read_mapping(SMALLEST.replace("column: id", "constant: 2026-03-02"))

    assert mapping.events[0].fields["order_id"].constant == "2026-03-02"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source: [", "no YAML"),
        ("", "Expected `object`"),
        ("source: shop\nevents: []", "length >= 1"),
        (SMALLEST.replace("column", "colum"), "unknown field `colum`"),
        (SMALLEST.replace("{column: id}", "{}"), "exactly one of column, constant, template"),
        (SMALLEST.replace("{column: id}", "{column: id, constant: 3}"), "exactly one of column, constant"),
        (SMALLEST.replace("{column: id}", "{constant: 3, unit: mph}"), "go with a column"),
        (SMALLEST.replace("{column: id}", "{constant: 3, seconds_since: 2026-03-02}"), "or row_number"),
        (
            SMALLEST.replace("column: id", "column: id, format: unix_s, seconds_since: 2026-03-02"),
            "no format",
        ),
        (SMALLEST.replace("{column: id}", "{constant: 3, split_by: ;}"), "split_by goes with a column"),
        (SMALLEST.replace("column: id", "column: id, split_by: ;, numbered: '{id}'"), "not both"),
        (SMALLEST.replace("column: id", "column: id, split_by: ''"), "length >= 1"),
        (SMALLEST + "    filter: [{column: a}]", "exactly one of is, is_not, in, not_in, empty"),
        (SMALLEST + "    filter: [{column: a, is: 1, empty: true}]", "exactly one of is"),
        (SMALLEST + "    once: true", "constants alone"),
    ],
)
def test_a_wrong_mapping_says_where(text: str, says: str) -> None:
    with pytest.raises(MappingError, match=says):
        read_mapping(text)
