"""A vehicle on its way to its stops."""

from streams.events.judgements import VisitPhase
from tests.factories import stop
from tests.streams.fleet.timeline import Timeline

ARRIVED, DEPARTED, CORRECTED = VisitPhase.ARRIVED, VisitPhase.DEPARTED, VisitPhase.CORRECTED
WITHDRAWN = VisitPhase.WITHDRAWN


def on_the_way(*stops_m: float) -> Timeline:
    """A vehicle that left the depot at 08:00, with stops s1, s2 ... so many metres east of it."""
    line = Timeline()
    line.route(
        *(
            stop(f"s{number}", east_m, service_s=120, order_ids=(f"o{number}",))
            for number, east_m in enumerate(stops_m, 1)
        )
    )
    line.park("07:58", 120)
    line.drive("08:00", 0, 800)
    return line
