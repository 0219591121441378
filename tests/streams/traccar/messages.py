"""Messages as Traccar forwards them, saying only what matters."""

import json
from collections.abc import Mapping

POSITION: Mapping[str, object] = {
    "id": 0,
    "attributes": {},
    "deviceId": 12,
    "protocol": "teltonika",
    "serverTime": "2026-03-02T09:00:02.000+00:00",
    "deviceTime": "2026-03-02T09:00:01.000+00:00",
    "fixTime": "2026-03-02T09:00:00.000+00:00",
    "outdated": False,
    "valid": True,
    "latitude": 52.0,
    "longitude": 5.0,
    "altitude": 3.0,
    "speed": 0.0,
    "course": 0.0,
    "address": None,
    "accuracy": 0.0,
    "network": None,
    "geofenceIds": None,
}


def message(unique_id: str = "350000000000012", attributes: object = None, **position: object) -> bytes:
    """A van standing at 52 N 5 E at nine, and what is said otherwise."""
    whole = {**POSITION, "attributes": attributes or {}, **position}
    device = {"id": 12, "attributes": {}, "groupId": 0, "name": "Van 12", "uniqueId": unique_id}
    return json.dumps({"position": whole, "device": device}).encode()
