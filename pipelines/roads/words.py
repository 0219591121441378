"""What became of a map, said in sentences."""

from collections.abc import Iterator

import numpy as np

from routing.roads.graph import NO_TWIN, RoadGraph
from routing.roads.map import RoadMap


def in_sentences(roads: RoadMap, graph: RoadGraph) -> Iterator[str]:
    """How many roads were read, and what is left of them in the graph."""
    lengths_m = graph.piece_m()
    shape_m = np.add.reduceat(lengths_m, graph.first_point[:-1])
    one_way_m = shape_m[graph.twin == NO_TWIN].sum()
    ground_m = one_way_m + shape_m[graph.twin != NO_TWIN].sum() / 2
    n_kept = int(graph.pieces_of().sum())
    yield f"read: {len(roads.lat_deg):,} nodes, {len(roads.tail):,} one-way pieces of road"
    yield (
        f"kept: {n_kept:,} pieces in the largest part where all can be reached, as {graph.n_junctions:,} "
        f"junctions and {graph.n_shapes:,} roads between them"
    )
    yield f"{ground_m / 1000:,.1f} km of road, {one_way_m / 1000:,.1f} km of them one-way"
    yield f"turns not allowed: {len(roads.banned_turns):,}; rules passed over: {roads.n_rules_passed_over:,}"
