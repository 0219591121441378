"""Routes as few bytes: a checkpoint holds those of all shifts, and most of a route is repetition."""

import lz4.frame
import msgspec

from streams.events.dispatch import RouteAssignment

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(RouteAssignment)
_LEVEL = 4
"""High compression: packed once for each revision, and written with every checkpoint."""


def pack(assignment: RouteAssignment) -> bytes:
    """The route as bytes."""
    packed: bytes = lz4.frame.compress(_ENCODER.encode(assignment), compression_level=_LEVEL)
    return packed


def unpack(packed: bytes) -> RouteAssignment:
    """The route that ``pack`` packed; its times are in UTC."""
    return _DECODER.decode(lz4.frame.decompress(packed))
