"""The life of a condition: it lasts and is raised, is told again, is over for a while and cleared."""

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER

NOTHING, RAISED, UPDATED, CLEARED = range(4)


@compiled
def follow(
    is_wrong: bool,
    now_us: int,
    since_us: int,
    raised_us: int,
    told_us: int,
    fine_us: int,
    after_us: int,
    clear_us: int,
    interval_us: int,
) -> tuple[int, int, int, int, int]:
    """What is to be told, then since, raised, told and fine as they are from now on.

    Raised when it was wrong for ``after_us``, told again every ``interval_us``, cleared when it was
    fine for ``clear_us``. ``since_us`` and ``fine_us`` of a cleared one stay for what is said of it.
    """
    if raised_us == NEVER:
        if fine_us != NEVER or not is_wrong:
            since_us = fine_us = NEVER
        if is_wrong and since_us == NEVER:
            since_us = now_us
        if is_wrong and now_us - since_us >= after_us:
            return RAISED, since_us, now_us, now_us, NEVER
        return NOTHING, since_us, NEVER, NEVER, NEVER
    if is_wrong:
        if now_us - told_us >= interval_us:
            return UPDATED, since_us, raised_us, now_us, NEVER
        return NOTHING, since_us, raised_us, told_us, NEVER
    if fine_us == NEVER:
        fine_us = now_us
    if now_us - fine_us >= clear_us:
        return CLEARED, since_us, NEVER, NEVER, fine_us
    return NOTHING, since_us, raised_us, told_us, fine_us
