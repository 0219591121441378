"""What runs in the solver's process: a request's bytes to its proposal's. Imports no Kafka."""

from streams.codec import decode, encode
from streams.dispatch.answer import answer, answer_by_insertion
from streams.events.dispatch import ReoptimizationRequest


def answer_bytes(request: bytes) -> bytes:
    """The proposal for a request, both as JSON."""
    return encode(answer(decode(ReoptimizationRequest, request)))


def insertion_bytes(request: bytes) -> bytes:
    """The same where the solver died or was late: without any search."""
    return encode(answer_by_insertion(decode(ReoptimizationRequest, request)))
