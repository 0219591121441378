"""Parting a bad slice: files that fail stay out until they pass, and are counted; the rest goes on."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from assets.ledger import Slice
from assets.slice_checks import Outcome
from streams.lake.manifest import read_manifest

Check = Callable[[Slice], list[Outcome]]
NAMED = 3


@dataclass(frozen=True, slots=True)
class Parted:
    """What of a slice may go on, what the checks of it say, and how much stays out.

    ``alone`` are the files that stay out by themselves, in this build or since an earlier one.
    """

    good: Slice
    outcomes: tuple[Outcome, ...]
    kept_files: int = 0
    kept_rows: int = 0
    alone: frozenset[str] = frozenset()


def part(lake: Path, found: Slice, check: Check, alone: Collection[str], *, is_by_file: bool) -> Parted:
    """Check a slice, and take the files out that are bad by themselves where the rest is good without them.

    Otherwise, and always without ``is_by_file``, a bad slice stays out whole, and its checks block. Files
    that stay out ``alone`` since an earlier build need no new rest: there was a good one then.
    """
    outcomes = check(found)
    if not _is_bad(outcomes):
        return Parted(found, tuple(outcomes))
    rows = {file.path: file.rows for file in read_manifest(lake, found.topic)}
    all_rows = {path: rows.get(path, 0) for path in found.paths}
    kept = _bad_alone(lake, found, all_rows, check) if is_by_file else {}
    good = _of(found, {path: count for path, count in all_rows.items() if path not in kept})
    is_nothing_left = not good.rows and not kept.keys() <= set(alone)
    if not kept or is_nothing_left or _is_bad(check(good)):
        still = frozenset(alone) & set(found.paths)
        return Parted(_of(found, {}), tuple(outcomes), len(found.paths), found.rows, still)
    words = (
        f"{len(kept)} of {len(found.paths)} files with {sum(kept.values())} of {found.rows} rows stay out "
        f"until they pass, the rest goes on: {', '.join([*kept][:NAMED])}{' …' if len(kept) > NAMED else ''}"
    )
    told = (replace(one, kept_out=words) if one.is_bad else one for one in outcomes)
    return Parted(good, tuple(told), len(kept), sum(kept.values()), frozenset(kept))


def _bad_alone(lake: Path, found: Slice, rows: dict[str, int], check: Check) -> dict[str, int]:
    """The bad files with their rows; none where one is compacted: it may hold rows that passed before."""
    compacted = {file.path for file in read_manifest(lake, found.topic) if file.compacted_at is not None}
    bad = {path: count for path, count in rows.items() if _is_bad(check(_of(found, {path: count})))}
    return {} if bad.keys() & compacted else bad


def _is_bad(outcomes: Iterable[Outcome]) -> bool:
    return any(outcome.is_bad for outcome in outcomes)


def _of(found: Slice, rows: dict[str, int]) -> Slice:
    ids = dict(zip(found.paths, found.topic_ids, strict=True))
    return replace(
        found, paths=tuple(rows), topic_ids=tuple(ids[path] for path in rows), rows=sum(rows.values())
    )
