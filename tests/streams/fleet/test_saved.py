"""What a state that was saved by an older program is read as."""

import msgspec
import numpy as np
from numpy.lib.recfunctions import drop_fields

from streams.events.judgements import AlertKind, AlertPhase
from streams.fleet.rules import DEFAULT_RULES
from streams.fleet.saved import SavedFleet, SavedRecords, load, save
from tests.factories import stop
from tests.streams.fleet.timeline import Timeline


def without(saved: SavedRecords, field: str) -> SavedRecords:
    records = drop_fields(np.frombuffer(saved.data, np.dtype(saved.fields)), field, usemask=False)
    kept = [one for one in saved.fields if one[0] != field]
    return SavedRecords(kept, np.ascontiguousarray(records).view(np.uint8).data)


def test_a_standing_that_is_raised_lasts_through_an_update_that_remembers_more_of_it() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 5000)
    line.park("08:08:20", 1000, 5000)
    saved = msgspec.msgpack.decode(save(line.state), type=SavedFleet)
    saved.tracks.watches = without(saved.tracks.watches, "stand_inside_us")

    line.state = load(msgspec.msgpack.encode(saved), DEFAULT_RULES)
    line.tick("08:29")
    line.park("08:29:10", 30, 5000)

    assert [alert.phase for alert in line.alerts_of(AlertKind.STANDING)] == [
        AlertPhase.RAISED,
        AlertPhase.UPDATED,
    ]
