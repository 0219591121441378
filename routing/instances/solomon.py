"""Solomon's format, also Gehring and Homberger's: a fleet, then a line a customer."""

from routing.instances.instance import Instance, Node, Units, euclidean, instance_of
from routing.instances.lines import Line, lines_of

UNITS = Units(distance_m=1000.0, time_s=60.0)
"""A unit is taken for a kilometre, and for the minute it takes."""

COLUMNS = ("CUST NO.", "XCOORD.", "YCOORD.", "DEMAND", "READY TIME", "DUE DATE", "SERVICE TIME")


def read_solomon(text: str) -> Instance:
    """The instance; distances are straight lines, not rounded. Raises ``ValueError`` with the line."""
    name, *lines = lines_of(text) or [Line(1, "")]
    numeric = [line for line in lines if line.is_numeric]
    if not numeric:
        raise ValueError(f"Solomon file {name.text!r} has no line of numbers")
    fleet, *rows = numeric
    n_vehicles, capacity = fleet.integers("NUMBER", "CAPACITY")
    nodes = [_node(row, number) for number, row in enumerate(rows)]
    return instance_of(name.text, nodes, capacity, n_vehicles, euclidean(nodes), UNITS)


def _node(row: Line, number: int) -> Node:
    named, x, y, demand, ready, due, service = row.numbers(*COLUMNS)
    if named != number:
        raise row.error(f"customer {named:g} stands where {number} is expected")
    return Node(number, x, y, row.whole("DEMAND", demand), ready, due, service)
