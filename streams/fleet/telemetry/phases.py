"""The life of a condition: it lasts and is raised, is told again, is over for a while and cleared."""

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER

NOTHING, RAISED, UPDATED, CLEARED = range(4)


@compiled
def follow(
    is_wrong: bool,
    now_us: int,
    judged_us: int,
    seen_us: int,
    since_us: int,
    raised_us: int,
    told_us: int,
    fine_us: int,
    after_us: int,
    clear_us: int,
    interval_us: int,
    gap_us: int,
) -> tuple[int, int, int, int, int]:
    """What is to be told, then since, raised, told and fine as they are from now on.

    Raised when it was wrong for ``after_us``, told again every ``interval_us``, cleared when it was
    fine for ``clear_us``. It is so at ``now_us`` and is judged at ``judged_us``: what a device sends of
    an hour at once is told once. ``since_us`` and ``fine_us`` of a cleared one stay for what is said
    of it.
    When it was last seen longer than ``gap_us`` ago, nothing is known of the time between: what was
    raised is cleared as of then, what was not raised begins anew.
    """
    is_gap = seen_us != NEVER and now_us - seen_us > gap_us
    if is_gap and raised_us != NEVER:
        return CLEARED, since_us, NEVER, NEVER, seen_us if fine_us == NEVER else fine_us
    since_us = NEVER if is_gap else since_us
    if raised_us == NEVER:
        if not is_wrong:
            return NOTHING, NEVER, NEVER, NEVER, NEVER
        if since_us == NEVER or fine_us != NEVER:
            since_us = now_us
        if now_us - since_us >= after_us:
            return RAISED, since_us, now_us, judged_us, NEVER
        return NOTHING, since_us, NEVER, NEVER, NEVER
    if not is_wrong:
        fine_us = now_us if fine_us == NEVER else fine_us
        if now_us - fine_us >= clear_us:
            return CLEARED, since_us, NEVER, NEVER, fine_us
        return NOTHING, since_us, raised_us, told_us, fine_us
    if judged_us - told_us >= interval_us:
        return UPDATED, since_us, raised_us, judged_us, NEVER
    return NOTHING, since_us, raised_us, told_us, NEVER
