"""VROOM on one problem of whole numbers: JSON from the input, a line of JSON to the output.

The input has ``costs`` and ``spans`` (n, n), ``visits`` (opens, closes, load, mate, is_delivery),
``tours`` (start, end, leaves, returns, capacity), ``seconds`` and ``threads``. The output has
``tours``, the visits of each, and ``seconds``, what solving took.
"""

import json
import sys
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np
import vroom

EXPLORATION = 5
"""VROOM's deepest: it ends by itself before longer limits."""


def input_of(problem: dict[str, Any]) -> vroom.Input:
    """The problem in VROOM's words: ids are visits, a pair is a shipment."""
    wanted = vroom.Input()
    wanted.set_durations_matrix("car", np.array(problem["spans"], dtype="uint32"))
    wanted.set_costs_matrix("car", np.array(problem["costs"], dtype="uint32"))
    for index, tour in enumerate(problem["tours"]):
        wanted.add_vehicle(
            vroom.Vehicle(
                index,
                start=tour["start"],
                end=tour["end"],
                capacity=tour["capacity"],
                time_window=(tour["leaves"], tour["returns"]),
            )
        )
    for index, visit in enumerate(problem["visits"]):
        window = [(visit["opens"], min(visit["closes"], 2**32 - 2))]
        if visit["mate"] < 0:
            wanted.add_job(vroom.Job(index, location=index, delivery=visit["load"], time_windows=window))
        elif not visit["is_delivery"]:
            mate = problem["visits"][visit["mate"]]
            mates = [(mate["opens"], min(mate["closes"], 2**32 - 2))]
            wanted.add_job(
                vroom.Shipment(
                    vroom.ShipmentStep(index, location=index, time_windows=window),
                    vroom.ShipmentStep(visit["mate"], location=visit["mate"], time_windows=mates),
                    amount=visit["load"],
                )
            )
    return wanted


def main() -> None:
    """Solve what stands in the input."""
    problem = json.load(sys.stdin)
    wanted = input_of(problem)
    began_s = perf_counter()
    limit = timedelta(seconds=problem["seconds"])
    solution = wanted.solve(EXPLORATION, problem["threads"], limit)
    seconds = perf_counter() - began_s
    tours: list[list[int]] = [[] for _ in problem["tours"]]
    for row in solution.routes.to_dict("records"):
        if row["type"] in ("job", "pickup", "delivery"):
            tours[row["vehicle_id"]].append(int(row["id"]))
    print(json.dumps({"tours": tours, "seconds": seconds}))


if __name__ == "__main__":
    main()
