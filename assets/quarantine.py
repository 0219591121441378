"""Parting a bad slice: files that fail stay out until they pass, and are counted; the rest goes on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assets.ledger import Slice
from assets.slice_checks import Outcome
from streams.lake.manifest import read_manifest

Check = Callable[[Slice], list[Outcome]]
NAMED = 3


@dataclass(frozen=True, slots=True)
class Parted:
    """What of a slice may go on, what the checks of it say, and how much stays out."""

    good: Slice
    outcomes: tuple[Outcome, ...]
    kept_files: int = 0
    kept_rows: int = 0


def part(lake: Path, found: Slice, outcomes: list[Outcome], check: Check, *, is_by_file: bool) -> Parted:
    """Take the files out that ``check`` finds bad by themselves; all of them where none is bad alone.

    Without ``is_by_file`` a bad slice stays out whole, and its checks block.
    """
    if not any(outcome.is_bad for outcome in outcomes):
        return Parted(found, tuple(outcomes))
    if not is_by_file:
        return Parted(_of(found, {}), tuple(outcomes), len(found.paths), found.rows)
    rows = {file.path: file.rows for file in read_manifest(lake, found.topic)}
    all_rows = {path: rows.get(path, 0) for path in found.paths}
    bad = [path for path in found.paths if _is_bad(_of(found, {path: all_rows[path]}), check)]
    kept = {path: all_rows[path] for path in bad or found.paths}
    words = (
        f"{len(kept)} of {len(found.paths)} files with {sum(kept.values())} of {found.rows} rows stay out "
        f"until they pass, the rest goes on: {', '.join([*kept][:NAMED])}{' …' if len(kept) > NAMED else ''}"
    )
    good = _of(found, {path: count for path, count in all_rows.items() if path not in kept})
    told = (replace(one, kept_out=words) if one.is_bad else one for one in outcomes)
    return Parted(good, tuple(told), len(kept), sum(kept.values()))


def _is_bad(one_file: Slice, check: Check) -> bool:
    return any(outcome.is_bad for outcome in check(one_file))


def _of(found: Slice, rows: dict[str, int]) -> Slice:
    ids = dict(zip(found.paths, found.topic_ids, strict=True))
    return replace(
        found, paths=tuple(rows), topic_ids=tuple(ids[path] for path in rows), rows=sum(rows.values())
    )
