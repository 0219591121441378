"""Which topics a file may become."""

from streams.topics import (
    CARRIERS,
    DEPOTS,
    DEVICES,
    DRIVERS,
    GPS_FIXES,
    ORDERS,
    RATES,
    SCANS,
    SHIFTS,
    TELEMETRY,
    VEHICLES,
    Topic,
)

INGESTED: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        GPS_FIXES,
        TELEMETRY,
        SCANS,
        ORDERS,
        DEPOTS,
        VEHICLES,
        DEVICES,
        DRIVERS,
        CARRIERS,
        RATES,
        SHIFTS,
    )
}
"""What devices, scanners and other systems say; what Doorstep itself concludes is not ingested."""
