"""What was done about dead letters."""

from streams.events.base import Count, Event, Id, Instant


class LetterReplayed(Event, frozen=True, kw_only=True):
    """A dead letter's bytes were sent again. Key: letter.

    The ``letter_`` fields say where the letter stands on ``dead.letters``, the ``sent_`` fields where its
    bytes stand now: a letter about that place is one about a replay that failed again.
    """

    letter_id: Id
    letter_partition: Count
    letter_offset: Count
    sent_topic: Id
    sent_partition: Count
    sent_offset: Count
    sent_at: Instant
