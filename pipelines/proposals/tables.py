"""Proposals as tables for a terminal, and as JSON for programs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table

from pipelines.proposals.standing import Standing, State
from routing.changes import Effects, EtaChange
from routing.effects import names
from streams.events.dispatch import Choice, Proposal, Trigger

CLOCK = "%H:%M"
WEIGHED = (
    "ranked by stops without a place, then as weighed: "
    "minutes of driving under the depot's policy, lateness and changes included"
)

_CAUSES = {
    Trigger.PLAN_DAY: "a day to be planned",
    Trigger.DELAY: "delays",
    Trigger.ORDERS: "changed orders",
    Trigger.OUTAGE: "a shift that goes on no more",
    Trigger.TRAFFIC: "slow or closed roads",
    Trigger.SPARE_TIME: "a vehicle with time to spare",
}


def as_list(found: Sequence[Standing], now: datetime) -> RenderableType:
    """One line a proposal; differences are after minus before."""
    table = Table(title="Proposals", title_justify="left")
    for heading in ("id", "state", "depot", "age", "trigger"):
        table.add_column(heading)
    for heading in ("min", "km", "cost", "kg CO2e", "saved", "late"):
        table.add_column(heading, justify="right")
    for each in found:
        effects = each.proposal.effects
        table.add_row(
            each.short_id,
            each.state.replace("_", " "),
            each.proposal.depot_id,
            _duration(each.age_s(now)),
            each.proposal.trigger.replace("_", " "),
            *_figures(effects),
            str(len(effects.saved_stop_ids)),
            str(len(effects.late_stop_ids)),
        )
    return table


def as_page(standing: Standing, now: datetime) -> RenderableType:
    """One proposal: what it brings, for whom, and why."""
    proposal = standing.proposal
    minutes, km, cost, co2e = _figures(proposal.effects)
    facts = Table(show_header=False, box=None, title=f"Proposal {proposal.proposal_id}", title_justify="left")
    facts.add_row("state", _state_words(standing))
    facts.add_row("depot", f"{proposal.depot_id}, service date {proposal.service_date}")
    facts.add_row("asked", f"{_duration(standing.age_s(now))} ago, because of {_CAUSES[proposal.trigger]}")
    facts.add_row("expires", f"{proposal.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    facts.add_row("changes", f"{minutes} min, {km} km, {cost} cost, {co2e} kg CO2e")
    lines = [f"• {reason}" for reason in proposal.effects.reasons]
    lines += [f"✗ {each.stop.stop_id} is left out: {each.reason}" for each in proposal.unassigned]
    lines += [f"! {violation}" for violation in proposal.violations]
    return Group(facts, "", *lines, "", *_choices(proposal), _customers(proposal))


def list_json(found: Sequence[Standing], now: datetime) -> str:
    """An array with one object a proposal: state, age, effects, outcome."""
    return _json([_summary(each, now) for each in found])


def page_json(standing: Standing, now: datetime) -> str:
    """One object: the summary, and the whole proposal."""
    return _json({**_summary(standing, now), "proposal": standing.proposal})


def _choices(proposal: Proposal) -> list[RenderableType]:
    """What else could be done, and why some of it is missing."""
    missing = [f"! {proposal.choices_note}", ""] if proposal.choices_note else []
    if not proposal.choices:
        return [*missing]
    title = "What can be done, the best first (against doing nothing; ✓ is what is proposed)"
    table = Table(title=title, caption=WEIGHED, title_justify="left", caption_justify="left", show_lines=True)
    for heading in ("", "what", "and then"):
        table.add_column(heading, overflow="fold")
    for heading in ("min", "km", "cost", "kg CO2e", "weighed"):
        table.add_column(heading, justify="right")
    for rank, choice in enumerate(proposal.choices, 1):
        table.add_row(
            f"{rank} ✓" if choice.is_proposed else str(rank),
            choice.words,
            "\n".join(_consequences(choice)),
            *_figures(choice),
            f"{choice.price_delta_s / 60:+.0f}",
        )
    return [table, "", *missing]


def _consequences(choice: Choice) -> Iterator[str]:
    yield choice.outlook
    if choice.saved_stop_ids:
        yield f"in time again: {names(choice.saved_stop_ids)}"
    if choice.late_stop_ids:
        become = "becomes" if len(choice.late_stop_ids) == 1 else "become"
        yield f"{become} late: {names(choice.late_stop_ids)}"


def _customers(proposal: Proposal) -> Table:
    table = Table(title="Customers (times are UTC)", title_justify="left")
    for heading in ("stop", "orders", "before", "after", "late before", "late after", "shift"):
        table.add_column(heading, overflow="fold")
    orders_of = {
        visit.stop.stop_id: visit.stop.order_ids for route in proposal.routes for visit in route.visits
    }
    for change in proposal.effects.changes:
        table.add_row(
            change.stop_id,
            ", ".join(orders_of.get(change.stop_id, ())),
            _clock(change.before_at),
            _clock(change.after_at),
            _late(change.lateness_before_s),
            _late(change.lateness_after_s),
            _shift(change),
        )
    return table


def _summary(standing: Standing, now: datetime) -> dict[str, object]:
    proposal, effects = standing.proposal, standing.proposal.effects
    return {
        "proposal_id": proposal.proposal_id,
        "state": standing.state,
        "depot_id": proposal.depot_id,
        "service_date": proposal.service_date,
        "trigger": proposal.trigger,
        "requested_at": proposal.requested_at,
        "expires_at": proposal.expires_at,
        "age_s": standing.age_s(now),
        "duration_delta_s": effects.duration_delta_s,
        "distance_delta_m": effects.distance_delta_m,
        "cost_delta": effects.cost_delta,
        "co2e_delta_kg": effects.co2e_delta_kg,
        "lateness_delta_s": effects.lateness_delta_s,
        "saved_stop_ids": effects.saved_stop_ids,
        "late_stop_ids": effects.late_stop_ids,
        "outcome": standing.outcome,
    }


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()


def _state_words(standing: Standing) -> str:
    words = standing.state.replace("_", " ")
    if standing.outcome is None or standing.state is State.NOTHING_BETTER:
        return words
    return f"{words}: {standing.outcome.reason}"


def _figures(effects: Effects | Choice) -> tuple[str, str, str, str]:
    return (
        f"{effects.duration_delta_s / 60:+.0f}",
        f"{effects.distance_delta_m / 1000:+.1f}",
        f"{effects.cost_delta:+.2f}",
        f"{effects.co2e_delta_kg:+.2f}",
    )


def _shift(change: EtaChange) -> str:
    if change.shift_before == change.shift_after:
        return change.shift_after or ""
    return f"{change.shift_before or 'none'} → {change.shift_after or 'none'}"


def _clock(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime(CLOCK)


def _late(lateness_s: float) -> str:
    return f"{lateness_s / 60:.0f} min" if lateness_s >= 30 else ""


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // 1440} d"
