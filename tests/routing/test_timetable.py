from datetime import timedelta
from math import inf
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.problem import Problem
from routing.task import task_of, vantage_of
from routing.timetable import Timetable
from tests.routing.strategies import days, drive_somehow


@given(days(), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_looked_up_drives_are_those_of_the_judge(day: Problem, random: Random) -> None:
    routes = drive_somehow(day, random)
    index = {stop.stop_id: number for number, stop in enumerate(day.stops)}
    task = task_of(day.stops, [vantage_of(each) for each in day.shifts], day.travel)
    known_until_at = task.legs.epoch + timedelta(hours=len(task.legs.durations_s))

    drives = [
        Timetable(task).drive(tour, tuple(index[stop_id] for stop_id in each.stop_ids))
        for tour, each in enumerate(routes)
    ]

    for drive, judged, each in zip(drives, evaluate(routes, day.travel).routes, routes, strict=True):
        vehicle = each.shift.vehicle
        if not task.legs.is_steady and judged.ends_at > known_until_at:
            continue
        excess_kg = judged.peak_kg - vehicle.capacity_kg
        assert drive.duration_s == pytest.approx(judged.duration_s, abs=1e-3)
        assert drive.distance_m == pytest.approx(judged.distance_m, abs=1e-3)
        assert drive.lateness_s == pytest.approx(judged.lateness_s, abs=1e-3)
        assert drive.overrun_s == pytest.approx(judged.overrun_s, abs=1e-3)
        most_stops = len(day.stops) if vehicle.most_stops is None else vehicle.most_stops
        assert drive.excess_stops == max(0, judged.whole_stops - most_stops)
        over_m = judged.whole_distance_m - 1000 * (inf if vehicle.most_km is None else vehicle.most_km)
        assert drive.excess_metres == pytest.approx(max(0.0, over_m), abs=0.02)
        assert drive.overtime_s == pytest.approx(judged.overtime_s, abs=1e-3)
        assert drive.excess_packages == max(0, judged.peak_packages - vehicle.capacity_packages)
        late_break_s = sum(taken.lateness_s for taken in judged.breaks)
        assert drive.late_break_s == pytest.approx(late_break_s, abs=1e-3)
        excess_m3 = judged.peak_m3 - vehicle.capacity_m3
        assert drive.excess_m3 == pytest.approx(excess_m3 if excess_m3 > 1e-6 else 0.0, abs=1e-6)
        assert drive.excess_kg == pytest.approx(excess_kg if excess_kg > 1e-6 else 0.0, abs=1e-6)
