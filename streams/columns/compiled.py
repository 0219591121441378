"""Compiling by numba, with the machine code kept on disk until any compiled source changes.

numba looks at the file of the function alone: one that calls a changed function of another file
would keep its old code. So the code's folder is named after all sources that speak of compiled code.
"""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

_ROOT = Path(__file__).parents[2]
_ROOMS = ("routing", "streams/columns", "streams/fleet", "streams/lake")


def _folder() -> Path:
    digest = blake2b(numba.__version__.encode(), digest_size=8)
    for room in _ROOMS:
        for source in sorted((_ROOT / room).rglob("*.py")):
            code = source.read_bytes()
            digest.update(code if b"compiled" in code else b"")
    return Path(__file__).parent / "__pycache__" / digest.hexdigest()


_OPTIONS = {"cache": True, "nogil": True, "_nrt": False, "error_model": "numpy", "forceinline": True}

numba.config.CACHE_DIR = str(_folder())  # type: ignore[attr-defined]


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code, made at its first call and kept for later processes.

    It runs beside other threads. Dividing by zero gives infinity or NaN, as in numpy. It can't make
    arrays: without numba's runtime the arrays it is given aren't counted at every call of another
    function, which took 60% of the scanner's time.
    """
    return cast("Callable[P, R]", numba.njit(**_OPTIONS)(function))  # type: ignore[call-overload]
