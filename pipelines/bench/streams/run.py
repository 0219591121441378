"""The whole run: which contestants and which parts, one after the other, on logs of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from pipelines.bench.streams.agreement import (
    LATE_OF,
    OWN_TOLERANCE_S,
    PEERS_TOLERANCE_S,
    SETTLED_S,
    VISITS_OF,
    Statements,
    compare,
    own_statements,
    peer_statements,
    settled,
)
from pipelines.bench.streams.contestants import PEERS, PLAIN_LOOP, Peer, measure_peer, said_topic, why_absent
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.figures import (
    OWN_NAME,
    Agreement,
    Figures,
    Inside,
    LatencyRun,
    LogFigures,
    MemoryFigure,
    Scaling,
    Throughput,
)
from pipelines.bench.streams.filling import FILLED_TOPICS, WARM_S, Filled, fill
from pipelines.bench.streams.inside import measure_inside
from pipelines.bench.streams.kafka import Log, fresh_log
from pipelines.bench.streams.latency import measure_latency
from pipelines.bench.streams.machine import describe_machine, load_now
from pipelines.bench.streams.memory import measure_memory
from pipelines.bench.streams.own_worker import measure_worker
from pipelines.bench.streams.plans import write_peer_plans
from pipelines.bench.streams.rounds import (
    CYCLE_S,
    EVENTS_PER_VEHICLE_S,
    STARTS_AT,
    Rounds,
    Scale,
    make_rounds,
)
from routing.errors import DoorstepError

Measured = TypeVar("Measured")

OWN = "doorstep"
LATENCY, MEMORY, INSIDE, SCALING = "latency", "memory", "inside", "scaling"
PARTS = (OWN, *(peer.name for peer in PEERS), LATENCY, MEMORY, INSIDE, SCALING)

STOPS, SPARE_STOPS = 60, 3
SLOW_PART, LEAST_SLOW_EVENTS = 15, 50_000
"""Slow peers read a log of this part of the events; rates are compared."""

LATENCY_LOAD, LATENCY_LASTS_S = 0.5, 20.0
INSIDE_EVENTS, INSIDE_VEHICLES = 200_000, 1_250
SCALING_EVENTS, SCALING_WARM_S = 1_000_000, 10.0
FLEETS = (1_000, 10_000, 100_000)
FULL_MEMORY_EVENTS = 1_000_000
"""From so many events on, memory is measured on fleets of full size."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured. With ``is_batched``, contestants read batches alone."""

    events: int
    vehicles: int
    seed: int
    parts: frozenset[str]
    is_batched: bool
    peers_python: Path

    @property
    def is_everything(self) -> bool:
        """Whether no part was left out."""
        return self.parts == frozenset(PARTS)


@dataclass(slots=True)
class Contest:
    """One log size after the other: throughputs and agreements gather here."""

    log: LogFigures | None = None
    runs: list[Throughput] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """What contestants run on: one log, what is in it, and the file of plans for the peers."""

    log: Log
    filled: Filled
    plans: Path


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures on one Kafka; ``say`` is told what is under way."""

    servers: str
    cores: Cores
    wish: Wish
    say: Callable[[str], None]
    left_out: list[str] = field(default_factory=list)

    def measure(self, now: datetime) -> Figures:
        """Everything that is wished for. What is lacking, or fails, is named in ``left_out``."""
        machine = describe_machine(self.cores, now, load_now())
        parts, singles, batches = self.wish.parts, Contest(), Contest()
        if not self.wish.is_batched:
            singles = self._contest(is_batched=False)
        if self.wish.is_batched or self.wish.is_everything:
            batches = self._contest(is_batched=True)
        return Figures(
            machine=machine,
            log=singles.log,
            batch_log=batches.log,
            singles=singles.runs,
            batches=batches.runs,
            agreements=singles.agreements + batches.agreements,
            latency=self._latency(singles.runs) if LATENCY in parts else None,
            memory=(self._attempt(MEMORY, self._memory) or []) if MEMORY in parts else [],
            inside=self._attempt(INSIDE, self._inside) if INSIDE in parts else None,
            scaling=list(self._scaling()) if SCALING in parts else [],
            left_out=list(dict.fromkeys(self.left_out)),
        )

    def _contest(self, is_batched: bool) -> Contest:
        contest = Contest()
        quick = [peer for peer in self._peers() if not peer.is_slow]
        slow = [peer for peer in self._peers() if peer.is_slow]
        has_own = OWN in self.wish.parts
        if quick or has_own:
            self._attempt(
                "the contest", lambda: self._on_one_log(contest, quick, self.wish.events, is_batched, has_own)
            )
        if slow:
            events = min(self.wish.events, max(LEAST_SLOW_EVENTS, self.wish.events // SLOW_PART))
            self._attempt(
                "the contest of the slow", lambda: self._on_one_log(contest, slow, events, is_batched, False)
            )
        return contest

    def _peers(self) -> list[Peer]:
        present = []
        for peer in PEERS:
            if peer.name not in self.wish.parts:
                continue
            why = why_absent(peer, self.wish.peers_python)
            if why is None:
                present.append(peer)
            else:
                self.left_out.append(why)
        return present

    def _on_one_log(
        self, contest: Contest, peers: list[Peer], events: int, is_batched: bool, has_own: bool
    ) -> None:
        """The kernel's plain loop goes first: what the others say is held against what it says."""
        rounds = rounds_for(events, self.wish.vehicles, self.wish.seed)
        with (
            fresh_log(self.servers, FILLED_TOPICS) as log,
            TemporaryDirectory(prefix="doorstep-bench-") as folder,
        ):
            filled = self._fill(log, rounds, events, is_batched)
            contest.log = contest.log or _log_figures(rounds, filled)
            ground = Ground(log, filled, Path(folder, "plans.json"))
            write_peer_plans(rounds, ground.plans)
            reference = self._attempt(PLAIN_LOOP.title, lambda: self._run_peer(ground, PLAIN_LOOP))
            said = None if reference is None else peer_statements(log, said_topic(PLAIN_LOOP))
            if has_own:
                self._compete(contest, ground, None, said)
            if PLAIN_LOOP in peers and reference is not None:
                contest.runs.append(reference)
            for peer in peers:
                if peer is not PLAIN_LOOP:
                    self._compete(contest, ground, peer, said)

    def _compete(
        self, contest: Contest, ground: Ground, peer: Peer | None, reference: Statements | None
    ) -> None:
        """Doorstep (``None``) or a peer; who fails is named with its words, and the others go on."""
        name = OWN_NAME if peer is None else peer.title
        run = self._attempt(
            name, lambda: self._run_own(ground) if peer is None else self._run_peer(ground, peer)
        )
        if run is None:
            return
        contest.runs.append(run)
        if reference is None or (peer is not None and not peer.says_visits):
            return
        own = own_statements(ground.log) if peer is None else peer_statements(ground.log, said_topic(peer))
        tolerance_s = OWN_TOLERANCE_S if peer is None else PEERS_TOLERANCE_S
        events = ground.filled.events
        until_s = STARTS_AT.timestamp() + ground.filled.lasts_s - SETTLED_S
        visits = settled(own.visits, reference.visits, until_s)
        contest.agreements += [
            compare(name, VISITS_OF, *visits, events, tolerance_s),
            compare(name, LATE_OF, own.late, reference.late, events, None if peer is None else tolerance_s),
        ]

    def _attempt(self, what: str, measure: Callable[[], Measured]) -> Measured | None:
        """What ``measure`` returns, or ``None`` where it fails, which is named in ``left_out``."""
        try:
            return measure()
        except DoorstepError as error:
            self.say(f"{what} failed: {error}")
            self.left_out.append(f"{what}: {error}")
            return None

    def _run_own(self, ground: Ground) -> Throughput:
        self.say(f"{OWN_NAME}: {ground.filled.messages:,} messages")
        return measure_worker(ground.log, ground.filled, self.cores).throughput

    def _run_peer(self, ground: Ground, peer: Peer) -> Throughput:
        self.say(f"{peer.title}: {ground.filled.messages:,} messages")
        return measure_peer(peer, ground.log, ground.filled, ground.plans, self.cores, self.wish.peers_python)

    def _fill(
        self, log: Log, rounds: Rounds, events: int, is_batched: bool, warm_s: float = WARM_S
    ) -> Filled:
        self.say(f"making {events:,} events of {rounds.scale.vehicles:,} vehicles")
        return fill(log, rounds, events, is_batched, warm_s)

    def _latency(self, runs: list[Throughput]) -> LatencyRun | None:
        own = next((run for run in runs if run.name == OWN_NAME), None)
        if own is None:
            self.left_out.append(
                f"{LATENCY}: it is measured at half of Doorstep's own load, which is unknown"
            )
            return None
        rate = LATENCY_LOAD * own.per_wall_s
        lasts_s = min(LATENCY_LASTS_S, max(5.0, self.wish.events / rate))
        self.say(f"latency at {rate:,.0f} events a second for {lasts_s:.0f} s")
        rounds = rounds_for(int(rate * lasts_s), self.wish.vehicles, self.wish.seed)
        return self._attempt(LATENCY, lambda: self._latency_at(rounds, rate, lasts_s))

    def _latency_at(self, rounds: Rounds, rate: float, lasts_s: float) -> LatencyRun:
        with fresh_log(self.servers) as log:
            return measure_latency(log, rounds, self.cores, rate, lasts_s)

    def _memory(self) -> list[MemoryFigure]:
        self.say("memory of a vehicle, a stop, an event id")
        return measure_memory(min(1.0, self.wish.events / FULL_MEMORY_EVENTS))

    def _inside(self) -> Inside:
        events, vehicles = min(self.wish.events, INSIDE_EVENTS), min(self.wish.vehicles, INSIDE_VEHICLES)
        self.say(f"the judge alone: {events:,} events of {vehicles:,} vehicles")
        return measure_inside(rounds_for(events, vehicles, self.wish.seed), events)

    def _scaling(self) -> Iterator[Scaling]:
        """Fleets of ever more vehicles with the same number of events; small runs have small fleets."""
        events = min(self.wish.events, SCALING_EVENTS)
        for full_size in FLEETS:
            vehicles = max(10, full_size * events // SCALING_EVENTS)
            if fleet := self._attempt(
                f"{SCALING}, {vehicles:,} vehicles", partial(self._fleet, events, vehicles)
            ):
                yield fleet

    def _fleet(self, events: int, vehicles: int) -> Scaling:
        rounds = rounds_for(events, vehicles, self.wish.seed, least_stops=SPARE_STOPS)
        with fresh_log(self.servers, FILLED_TOPICS) as log:
            filled = self._fill(log, rounds, events, is_batched=False, warm_s=SCALING_WARM_S)
            self.say(f"{OWN_NAME} with {vehicles:,} vehicles")
            run = measure_worker(log, filled, self.cores)
        return Scaling(
            vehicles=vehicles,
            stops=rounds.scale.stops,
            run=run.throughput,
            resident_mb=run.resident_bytes / 1e6,
            peak_mb=run.peak_bytes / 1e6,
        )


def rounds_for(events: int, vehicles: int, seed: int, least_stops: int = STOPS) -> Rounds:
    """A fleet whose rounds last for that many events."""
    lasts_s = WARM_S + events / (vehicles * EVENTS_PER_VEHICLE_S)
    return make_rounds(Scale(vehicles, max(least_stops, int(lasts_s / CYCLE_S) + SPARE_STOPS), seed))


def _log_figures(rounds: Rounds, filled: Filled) -> LogFigures:
    return LogFigures(
        vehicles=rounds.scale.vehicles,
        stops=rounds.scale.stops,
        seed=rounds.scale.seed,
        events=filled.events,
        messages=filled.messages,
        fixes=filled.fixes,
        telemetry=filled.telemetry,
        scans=filled.scans,
        value_bytes=filled.value_bytes,
        duplicates=filled.duplicates,
        late=filled.late,
        lasts_s=filled.lasts_s,
        took_s=filled.took_s,
    )
