"""What is still compiled in a worker's life once it has rehearsed: one name a line.

Run as a process of its own, ``python -m tests.faults.after_rehearsal``: code that was compiled stays.
"""

import gc

from numba.core.dispatcher import Dispatcher

from streams.fleet.judge import FleetJudge
from streams.fleet.rehearsal import rehearse
from tests.faults.calm import calm_run
from tests.faults.fleet_day import Size
from tests.faults.known_stream import known_stream
from tests.faults.one_log import one_log


def compiled_now() -> set[tuple[str, str]]:
    """Each function, with each shape of its arguments, that there is machine code of."""
    return {
        (function.py_func.__qualname__, str(shape))
        for function in gc.get_objects()
        if isinstance(function, Dispatcher)
        for shape in function.signatures
    }


def main() -> None:
    rehearse(FleetJudge())
    rehearsed = compiled_now()
    calm_run(one_log(known_stream(Size(vehicles=9, fixes=300, every_s=20.0, stops=6), seed=1)))
    for function, _ in sorted(compiled_now() - rehearsed):
        print(function)


if __name__ == "__main__":
    main()
