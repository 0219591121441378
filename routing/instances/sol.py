"""VRPLIB's ``.sol``: a line a route with its customers' numbers, then the cost."""

from routing.instances.instance import Instance, customers
from routing.instances.lines import lines_of
from routing.problem import Solution


def as_sol(instance: Instance, solution: Solution) -> str:
    """The plan; its cost is the distance in the file's unit, of served customers alone."""
    routes = [f"Route #{index}: {' '.join(route)}" for index, route in enumerate(customers(solution.plan), 1)]
    return "\n".join([*routes, f"Cost {instance.distance(solution.evaluation.distance_m):.10g}", ""])


def read_sol(text: str) -> tuple[list[list[str]], float]:
    """The customers' numbers of each route, and the cost. Raises ``ValueError`` with the line."""
    routes, cost = list[list[str]](), float("nan")
    for line in lines_of(text):
        head, _, tail = line.text.partition(":")
        if head.lower().startswith("route"):
            routes.append(tail.split())
        elif line.text.lower().startswith("cost"):
            cost = float(line.fields[-1])
        else:
            raise line.error("is neither a Route nor the Cost")
    return routes, cost
