from dataclasses import replace

import numpy as np
import pytest

from routing.roads.contract import contract
from routing.roads.graph import RoadGraph
from tests.routing.roads.drawing import draw, road


@pytest.fixture
def graph() -> RoadGraph:
    return contract(draw("a b c", [road("a-b-c")])[0])


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("lat_deg", lambda each: each[:-1], "different lengths for its points or edges"),
        ("edge_shape", lambda each: each[:-1], "different lengths for its points or edges"),
        ("twin", lambda each: each[:-1], "different lengths for its shapes"),
        ("edge_tail", lambda each: each + 5, "names a junction that it does not have: 5 to 6, where 0 to 1"),
        ("edge_shape", lambda each: each - 1, "names a shape that it does not have"),
        ("shape_head", lambda each: each + 5, "names a junction"),
        ("twin", lambda each: each + 5, "names a twin"),
        ("road_class", lambda each: each + 50, "names a road class"),
        ("first_point", lambda each: each * 0, "shapes of less than two points"),
        ("edge_tail", lambda each: each[::-1], "not sorted by their tail"),
        ("speed_mps", lambda each: each * 0, "a speed that is not positive"),
        ("speed_mps", lambda each: each * np.nan, "a speed that is not positive"),
        ("lat_deg", lambda each: each + 90, "a position off the Earth"),
        ("lon_deg", lambda each: each * np.nan, "a position off the Earth"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    graph: RoadGraph, field: str, change: object, message: str
) -> None:
    assert callable(change)

    with pytest.raises(ValueError, match=message):
        replace(graph, **{field: change(getattr(graph, field))})


def test_a_graph_without_roads_is_refused(graph: RoadGraph) -> None:
    with pytest.raises(ValueError, match="has no roads"):
        replace(graph, edge_tail=graph.edge_tail[:0], edge_shape=graph.edge_shape[:0])
