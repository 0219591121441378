"""The figures of roads as a table."""

from pipelines.bench.roads.run import FEW, RoadFigures
from pipelines.bench.table import Table


def roads_table(figures: tuple[RoadFigures, ...], load_before: float) -> Table:
    """A column an extract; all of them are measured with equally many places."""
    note = (
        "Places stand some 30 m beside the roads; legs have metres and seconds; a search runs on one core. "
        "Scipy's Dijkstra takes all nodes of the map as they were read, and knows no turn rules. "
        f"Load before: {load_before:.2f}."
    )
    columns = [_column(each) for each in figures]
    rows = tuple((name, *(column[name] for column in columns)) for name in columns[0])
    return Table("Roads", note, ("", *(each.extract for each in figures)), rows)


def _column(roads: RoadFigures) -> dict[str, str]:
    many = f"{roads.n_many:,} x {roads.n_many:,}"
    return {
        "nodes read": f"{roads.n_nodes:,}",
        "junctions": f"{roads.n_junctions:,}",
        "roads between them": f"{roads.n_roads:,}",
        "file, kB": f"{roads.file_kb:,.0f}",
        "read and contract, s": f"{roads.build_s:.2f}",
        "load the file, s": f"{roads.load_s:.2f}",
        f"{FEW} x {FEW} legs, s": f"{roads.few_s:.3f}",
        f"{many} legs, s": f"{roads.many_s:.3f}",
        "the same for each of 24 hours, by road class, s": f"{roads.hours_s:.3f}",
        "a path, ms": f"{roads.path_ms:.2f}",
        f"scipy, from {roads.n_many:,} nodes to all, s": f"{roads.plain_s:.3f}",
    }
