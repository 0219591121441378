"""Li and Lim's format: pairs of a pick-up and its delivery on one vehicle, with windows."""

from routing.instances.instance import Instance, Node, euclidean, instance_of
from routing.instances.lines import Line, lines_of
from routing.instances.solomon import UNITS

COLUMNS = (
    "CUST NO.",
    "XCOORD.",
    "YCOORD.",
    "DEMAND",
    "READY TIME",
    "DUE DATE",
    "SERVICE TIME",
    "PICK-UP",
    "DELIVERY",
)


def read_li_lim(text: str, name: str) -> Instance:
    """The instance; distances are straight lines, not rounded. Raises ``ValueError`` with the line.

    The file has no name of its own: ``name`` is its.
    """
    first, *rows = lines_of(text) or [Line(1, "")]
    n_vehicles, capacity, _ = first.integers("VEHICLES", "CAPACITY", "SPEED")
    nodes = [_node(row, number) for number, row in enumerate(rows)]
    for row, node in zip(rows, nodes, strict=True):
        _check_pair(row, node, nodes)
    return instance_of(name, nodes, capacity, n_vehicles, euclidean(nodes), UNITS)


def _node(row: Line, number: int) -> Node:
    named, x, y, demand, ready, due, service, pick_up, delivery = row.numbers(*COLUMNS)
    if named != number:
        raise row.error(f"customer {named:g} stands where {number} is expected")
    return Node(
        number,
        x,
        y,
        row.whole("DEMAND", demand),
        ready,
        due,
        service,
        row.whole("PICK-UP", pick_up),
        row.whole("DELIVERY", delivery),
    )


def _check_pair(row: Line, node: Node, nodes: list[Node]) -> None:
    mate = node.pick_up or node.delivery
    if node.number == 0:
        return
    if not 0 < mate < len(nodes) or mate == node.number or (node.pick_up and node.delivery):
        raise row.error(f"customer {node.number} has no other half")
    other = nodes[mate]
    if (other.pick_up, other.delivery) not in ((node.number, 0), (0, node.number)):
        raise row.error(f"customer {node.number} is paired with {mate}, but {mate} is not with it")
    if other.demand != -node.demand:
        raise row.error(
            f"customer {node.number} has a demand of {node.demand}, its other half {other.demand}"
        )
