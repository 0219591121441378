"""Dead letters as text for a terminal, and as JSON for programs."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from streams.events.letters import LetterReplayed
from streams.replay import Group, Letter, Place, Summary, refusal

SHOWN_BYTES = 4_000
CLOCK = "%Y-%m-%d %H:%M:%S"


def as_list(groups: Sequence[Group]) -> str:
    """Three lines a group: reasons are long, and terminals narrow."""
    return "\n".join(map(_group_words, groups))


def _group_words(group: Group) -> str:
    done = ((group.replayed, "sent again"), (group.failed_again, "failed again"))
    counts = ", ".join([f"{group.letters} letters", *(f"{count} {what}" for count, what in done if count)])
    return (
        f"{group.topic or 'nobody said where'}: {counts}\n"
        f"    {' '.join(group.reason.split())}\n"
        f"    {_clock(group.first_at)} to {_clock(group.last_at)} UTC, the newest is {name_of(group.newest)}"
    )


def list_json(groups: Sequence[Group]) -> str:
    """What ``as_list`` shows."""
    return msgspec.json.format(msgspec.json.encode(groups)).decode()


def as_line(letter: Letter) -> str:
    """A letter on one line."""
    reason = " ".join(letter.origin.reason.split())
    return f"{name_of(letter.place)}  {_clock(letter.appended_at)}  {_stood(letter)}: {reason}"


def line_json(letter: Letter) -> str:
    """What ``as_line`` shows."""
    facts = {
        "place": name_of(letter.place),
        "letter_id": letter.letter_id,
        "appended_at": letter.appended_at,
        "topic": letter.origin.topic,
        "file": letter.origin.file,
        "reason": letter.origin.reason,
    }
    return msgspec.json.encode(facts).decode()


def as_page(letter: Letter, replay: LetterReplayed | None, failed: LetterReplayed | None) -> str:
    """One letter: where it stood, its reason, what was done about it, its bytes.

    ``replay`` is its own, ``failed`` the one that it is about.
    """
    origin = letter.origin
    lines = [
        ("letter", f"{name_of(letter.place)}, {_clock(letter.appended_at)} UTC"),
        ("reason", origin.reason),
        ("stood", _stood(letter)),
        ("key", "none" if origin.key is None else origin.key.decode(errors="backslashreplace")),
        ("replay", _replay_words(letter, replay)),
    ]
    if failed is not None:
        words = (
            f"of letter {failed.letter_partition}/{failed.letter_offset}, sent {_clock(failed.sent_at)} UTC"
        )
        lines.append(("failed again", f"this is about a replay {words}"))
    shown = letter.raw[:SHOWN_BYTES].decode(errors="backslashreplace")
    rest = len(letter.raw) - SHOWN_BYTES
    lines.append(
        ("bytes", f"{len(letter.raw)}" + (f", of which the first {SHOWN_BYTES}:" if rest > 0 else ":"))
    )
    return "\n".join([*(f"{name:<13}{text}" for name, text in lines), shown])


def page_json(letter: Letter, replay: LetterReplayed | None, failed: LetterReplayed | None) -> str:
    """What ``as_page`` shows, with all bytes as base64."""
    origin = letter.origin
    facts = {
        "place": name_of(letter.place),
        "letter_id": letter.letter_id,
        "appended_at": letter.appended_at,
        "reason": origin.reason,
        "topic": origin.topic,
        "partition": origin.partition,
        "offset": origin.offset,
        "index": origin.index,
        "file": origin.file,
        "row": origin.row,
        "key_base64": None if origin.key is None else base64.b64encode(origin.key).decode(),
        "raw_base64": base64.b64encode(letter.raw).decode(),
        "refusal": refusal(letter, origin.topic),
        "replay": replay,
        "failed_replay": failed,
    }
    return msgspec.json.format(msgspec.json.encode(facts)).decode()


def as_summary(summary: Summary, is_dry: bool) -> str:
    """What a replay did, or would do."""
    lines = [
        f"{summary.sent} {'to be sent' if is_dry else 'sent'} again, "
        f"{summary.replayed_before} sent before, {sum(summary.refused.values())} refused",
        *(f"  {count} refused: {reason}" for reason, count in summary.refused.items()),
    ]
    return "\n".join(lines)


def name_of(place: Place) -> str:
    """How a letter is called: ``partition/offset``."""
    return f"{place[0]}/{place[1]}"


def _stood(letter: Letter) -> str:
    origin = letter.origin
    if origin.file is not None:
        return f"row {origin.row} of {origin.file}"
    parts = (("partition", origin.partition), ("offset", origin.offset), ("index", origin.index))
    return ", ".join(
        [origin.topic or "nobody said where", *(f"{name} {part}" for name, part in parts if part is not None)]
    )


def _replay_words(letter: Letter, replay: LetterReplayed | None) -> str:
    if replay is None:
        why_not = refusal(letter, letter.origin.topic)
        return "not sent again yet" if why_not is None else f"can't be sent again: {why_not}"
    place = f"{replay.sent_topic}, partition {replay.sent_partition}, offset {replay.sent_offset}"
    return f"sent again {_clock(replay.sent_at)} UTC to {place}"


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(CLOCK)
