from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from streams.judge import Record
from streams.worker.merge import Horizon, Merge, Question
from tests.streams.worker.counting import columns

TICKS, FIXES, SCANS = "clock.ticks", "gps.fixes", "delivery.scans"
TOPICS = (TICKS, FIXES, SCANS)
MARGIN_S = 0.005


def record(topic: str, offset: int, appended_at_ms: int) -> Record:
    return Record(topic, 0, offset, appended_at_ms, None, b"")


def released(merge: Merge, limit: int = 3) -> list[Record]:
    runs = iter(lambda: merge.next_run(limit), None)
    return [run.record(place) for run in runs for place in range(len(run))]


def new_merge(**next_offsets: int) -> Merge:
    firsts = {topic: next_offsets.get(topic.replace(".", "_"), 0) for topic in TOPICS}
    return Merge(0, TOPICS, firsts, MARGIN_S)


def merge_with_horizons(**asked_at_s: float) -> Merge:
    merge = new_merge()
    for topic in TOPICS:
        merge.observe(topic, Horizon(-1, asked_at_s.get(topic.replace(".", "_"), 0.0)))
    return merge


def test_a_record_waits_while_another_log_has_not_been_read_since_it_arrived() -> None:
    #   gps.fixes        ──●            arrived at 10.000
    #   delivery.scans   ─────|         asked at 10.004: within the margin
    merge = merge_with_horizons(clock_ticks=10.006, delivery_scans=10.004)

    merge.add(FIXES, columns(record(FIXES, 0, 1_000)), arrived_at_s=10.0)

    assert merge.next_run(10) is None
    assert merge.question() == Question((SCANS,), 10.005)


def test_a_record_goes_once_all_empty_logs_were_asked_after_it_arrived() -> None:
    merge = merge_with_horizons(clock_ticks=10.006, delivery_scans=10.004)
    fix = record(FIXES, 0, 1_000)
    merge.add(FIXES, columns(fix), arrived_at_s=10.0)

    merge.observe(SCANS, Horizon(-1, 10.006))

    assert released(merge) == [fix]


def test_a_log_that_runs_empty_holds_the_next_record_back() -> None:
    #   gps.fixes        ──●            arrived at 10.000, asked at 10.000
    #   delivery.scans   ─────●         arrived at 20.000: what of the fixes since?
    merge = merge_with_horizons(clock_ticks=99.0)
    fix, scan = record(FIXES, 0, 1_000), record(SCANS, 0, 2_000)
    merge.add(FIXES, columns(fix), arrived_at_s=10.0)
    merge.observe(FIXES, Horizon(0, 10.0))
    merge.add(SCANS, columns(scan), arrived_at_s=20.0)

    first = released(merge)
    merge.observe(FIXES, Horizon(0, 20.1))

    assert first == [fix]
    assert released(merge) == [scan]


def test_what_is_known_of_a_log_counts_when_its_records_have_arrived() -> None:
    merge = merge_with_horizons(clock_ticks=99.0)
    fix, scan = record(FIXES, 0, 1_000), record(SCANS, 7, 999)
    merge.add(FIXES, columns(fix), arrived_at_s=10.0)
    merge.observe(FIXES, Horizon(0, 99.0))

    merge.observe(SCANS, Horizon(7, 99.0))
    before = released(merge)
    merge.add(SCANS, columns(scan), arrived_at_s=10.5)

    assert before == []
    assert released(merge) == [scan, fix]


def test_records_of_one_millisecond_go_by_rank_and_then_by_offset() -> None:
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)
    scans = [record(SCANS, 0, 1_000), record(SCANS, 1, 1_000)]
    fixes = [record(FIXES, 5, 1_000)]

    merge.add(SCANS, columns(*scans), arrived_at_s=1.0)
    merge.add(FIXES, columns(*fixes), arrived_at_s=1.0)

    assert released(merge) == fixes + scans


def test_a_record_that_arrives_twice_counts_once() -> None:
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)
    fix = record(FIXES, 0, 1_000)

    merge.add(FIXES, columns(fix), arrived_at_s=1.0)
    merge.add(FIXES, columns(fix), arrived_at_s=2.0)

    assert released(merge) == [fix]


def test_a_late_record_is_released_and_counted() -> None:
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)
    merge.add(FIXES, columns(record(FIXES, 0, 2_000)), arrived_at_s=1.0)
    released(merge)
    late = record(SCANS, 0, 1_000)

    merge.add(SCANS, columns(late), arrived_at_s=2.0)

    assert released(merge) == [late]
    assert merge.late_count == 1


def test_buffered_bytes_follow_what_waits() -> None:
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)

    merge.add(FIXES, columns(record(FIXES, 0, 1_000)), arrived_at_s=1.0)
    waiting_bytes = merge.buffered_bytes(FIXES)
    released(merge)

    assert waiting_bytes > 0
    assert merge.buffered_bytes(FIXES) == 0


@dataclass
class Broker:
    """Three logs, and fetches that are sent, served and answered as three separate steps.

    Time advances by 1 ms a step; the broker's clock differs from the reader's.
    """

    clock_ahead_ms: int
    now_ms: int = 1_000_000
    logs: dict[str, list[Record]] = field(default_factory=lambda: {topic: [] for topic in TOPICS})
    fetched: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, 0))

    def append(self, topic: str) -> None:
        log = self.logs[topic]
        log.append(record(topic, len(log), self.now_ms + self.clock_ahead_ms))

    def serve(self, topic: str, limit: int) -> tuple[list[Record], bool]:
        """Up to ``limit`` records from where the reader stands, and whether that is the log's end."""
        start = self.fetched[topic]
        records = self.logs[topic][start : start + limit]
        return records, start + len(records) == len(self.logs[topic])


@dataclass
class Reader:
    """Drives a merge as the transport does: one fetch of each log at a time."""

    broker: Broker
    merge: Merge
    sent: dict[str, float] = field(default_factory=dict)
    served: dict[str, tuple[list[Record], bool]] = field(default_factory=dict)
    through: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, -1))
    out: list[Record] = field(default_factory=list)

    def step(self, topic: str, limit: int) -> None:
        """Send a fetch of ``topic``; or have the sent one served; or take its answer."""
        now_s = self.broker.now_ms / 1000
        if topic in self.served:
            self._take(topic, now_s)
        elif topic in self.sent:
            self.served[topic] = self.broker.serve(topic, limit)
        else:
            self.sent[topic] = now_s

    def _take(self, topic: str, now_s: float) -> None:
        (records, is_end), asked_at_s = self.served.pop(topic), self.sent.pop(topic)
        self.broker.fetched[topic] += len(records)
        self.merge.add(topic, columns(*records), now_s)
        if records:
            self.through[topic] = records[-1].offset
        if is_end:
            self.merge.observe(topic, Horizon(self.through[topic], asked_at_s))
        self.out += released(self.merge)

    def finish(self) -> None:
        """Read everything to the end, often enough that all is known of all."""
        for _ in range(12):
            self.broker.now_ms += 10
            for topic in TOPICS:
                self.step(topic, limit=1_000)


def merged(logs: dict[str, list[Record]]) -> list[Record]:
    ranks = {topic: rank for rank, topic in enumerate(TOPICS)}
    every: Iterator[Record] = (each for log in logs.values() for each in log)
    return sorted(every, key=lambda r: (r.appended_at_ms, ranks[r.topic], r.offset))


# One draw a move: three would take so long on a busy machine that hypothesis finds fault with it.
moves = st.sampled_from(tuple(product(("append", "fetch", "wait"), TOPICS, range(1, 5))))


@given(st.lists(moves, max_size=150), st.integers(-5_000, 5_000))
def test_however_fetches_fall_the_order_is_that_of_the_logs(
    schedule: list[tuple[str, str, int]], clock_ahead_ms: int
) -> None:
    broker = Broker(clock_ahead_ms)
    reader = Reader(broker, new_merge())

    for move, topic, number in schedule:
        if move == "append":
            broker.append(topic)
        elif move == "fetch":
            reader.step(topic, limit=number)
        else:
            broker.now_ms += number * 3
    reader.finish()

    assert reader.out == merged(broker.logs)
    assert reader.merge.late_count == 0


@given(st.lists(moves, max_size=100), st.integers(0, 40))
def test_reading_on_from_the_middle_gives_the_rest_of_the_order(
    schedule: list[tuple[str, str, int]], judged: int
) -> None:
    broker = Broker(clock_ahead_ms=0)
    for move, topic, number in schedule:
        if move == "append":
            broker.append(topic)
        broker.now_ms += number - 1
    whole = merged(broker.logs)
    for done in whole[:judged]:
        broker.fetched[done.topic] = done.offset + 1
    reader = Reader(broker, new_merge())

    reader.finish()

    assert reader.out == whole[judged:]


def test_where_a_clock_was_set_back_the_offsets_decide_and_what_comes_late_is_counted() -> None:
    #   gps.fixes        ──2000──1000──1500──3000──    counts as 2000, 2000, 2000, 3000
    #   delivery.scans   ──1200────2000──2500──────
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)
    fixes = [record(FIXES, offset, ms) for offset, ms in enumerate((2_000, 1_000, 1_500, 3_000))]
    scans = [record(SCANS, offset, ms) for offset, ms in enumerate((1_200, 2_000, 2_500))]

    merge.add(FIXES, columns(*fixes[:2]), arrived_at_s=1.0)
    merge.add(FIXES, columns(*fixes[2:]), arrived_at_s=1.0)
    merge.add(SCANS, columns(*scans), arrived_at_s=1.0)

    assert released(merge) == [scans[0], *fixes[:3], scans[1], scans[2], fixes[3]]
    assert merge.late_count == 2


times = st.lists(st.integers(0, 6), max_size=12)


@given(times, times, times, st.integers(1, 9), st.integers(1, 5))
def test_any_clocks_give_the_order_of_taking_the_least_next_record_one_by_one(
    ticks: list[int], fixes: list[int], scans: list[int], limit: int, chunk: int
) -> None:
    merge = merge_with_horizons(clock_ticks=99.0, gps_fixes=99.0, delivery_scans=99.0)
    logs = [
        [record(topic, offset, ms) for offset, ms in enumerate(log_times)]
        for topic, log_times in zip(TOPICS, (ticks, fixes, scans), strict=True)
    ]
    for topic, log in zip(TOPICS, logs, strict=True):
        for begin in range(0, len(log), chunk):
            merge.add(topic, columns(*log[begin : begin + chunk]), arrived_at_s=1.0)

    assert released(merge, limit) == one_by_one(logs)


def one_by_one(logs: list[list[Record]]) -> list[Record]:
    waiting = [list(log) for log in logs]
    taken: list[Record] = []
    while any(waiting):
        least = min((log for log in waiting if log), key=lambda log: log[0].appended_at_ms)
        taken.append(least.pop(0))
    return taken


def test_what_the_state_reflects_is_dropped_and_counts_as_arrived() -> None:
    merge = new_merge(gps_fixes=2)
    for topic in (TICKS, SCANS):
        merge.observe(topic, Horizon(-1, 99.0))
    merge.add(FIXES, columns(record(FIXES, 0, 1_000), record(FIXES, 1, 1_000)), arrived_at_s=1.0)

    merge.observe(FIXES, Horizon(1, 99.0))

    assert merge.next_run(10) is None
    assert merge.arrived_through == (-1, 1, -1)


def test_nothing_is_asked_while_records_are_due_or_none_wait() -> None:
    merge = merge_with_horizons(clock_ticks=99.0, delivery_scans=99.0)
    before = merge.question()

    merge.add(FIXES, columns(record(FIXES, 0, 1_000)), arrived_at_s=10.0)

    assert (before, merge.question()) == (None, None)
