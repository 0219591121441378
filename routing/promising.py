"""Which stops a locker's room is best kept for, before anybody knows the routes."""

from collections.abc import Collection

import numpy as np

from routing.task import Task

N_NEAR = 2
"""A door far from so many nearest ones costs a detour."""


def beyond_room(task: Task, chosen: Collection[int] = ()) -> frozenset[int]:
    """The drops that a locker has no room for, if those go first that are ``chosen``, then the dearest doors.

    A stop that has no door is never among them. A door is dear by the way to its nearest doors and by its
    service; one that may be dropped at several lockers is reckoned with at each of them.
    """
    doors = {task.stops[index].stop_id: index for index in _doors(task)}
    dear_s = _dear_s(task)
    off: set[int] = set()
    for room in task.rooms:
        left = room.most_packages
        known = [index for index in room.drops if task.stops[index].stop_id in doors]
        left -= sum(task.stops[index].packages for index in set(room.drops).difference(known))
        gain_s = {index: dear_s[doors[task.stops[index].stop_id]] for index in known}
        for index in sorted(known, key=lambda each: (each not in chosen, -gain_s[each])):
            left -= task.stops[index].packages
            if left < 0:
                left += task.stops[index].packages
                off.add(index)
    return frozenset(off)


def _doors(task: Task) -> list[int]:
    return [index for index, stop in enumerate(task.stops) if stop.at_locker is None]


def _dear_s(task: Task) -> dict[int, float]:
    """By door the way to its nearest doors, there and back on average, and its service."""
    doors = _doors(task)
    legs_s = task.legs.mean_s()[np.ix_(doors, doors)]
    both_ways_s = legs_s + legs_s.T
    np.fill_diagonal(both_ways_s, np.inf)
    nearest_s = np.sort(both_ways_s, axis=1)[:, :N_NEAR]
    ways_s = np.where(np.isfinite(nearest_s), nearest_s, 0.0).sum(axis=1) / 2
    return {
        index: float(way_s) + task.stops[index].service_s for index, way_s in zip(doors, ways_s, strict=True)
    }
