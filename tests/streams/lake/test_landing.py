from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from routing.errors import ConfigurationError, DoorstepError, KafkaUnavailable
from streams.lake.chunk import Chunk
from streams.lake.landing import Rhythm, land
from streams.lake.locks import only_writer
from streams.lake.manifest import manifest_path, read_manifest
from streams.lake.source import Place, TopicState
from streams.lake.writers import Totals
from streams.metrics.health import Health
from streams.metrics.landing import LandingMetrics, LandingWatch
from streams.topics import GPS_FIXES, Topic
from tests.streams.lake.records import fetched, parquet_files

ONE_FILE = Rhythm(grid=1000, every_s=1000.0)


@dataclass
class FakeKafka:
    """One partition of gps.fixes that hands out three records a poll; ``before_poll`` lets things happen."""

    records: list[Chunk]
    first: int = 0
    topic_id: str = "A"
    position: int = 0
    is_answering: bool = True
    before_poll: Callable[[], None] = lambda: None
    assigned: dict[Place, int] = field(default_factory=dict)

    def topic_ids(self, topics: Sequence[Topic]) -> dict[str, str]:
        if not self.is_answering:
            raise KafkaUnavailable("nobody answers")
        return {topic.name: self.topic_id for topic in topics}

    def states(self, topics: Sequence[Topic]) -> dict[str, TopicState]:
        end = int(self.records[-1].offsets[-1]) + 1 if self.records else self.first
        return {topic.name: TopicState(self.topic_id, {0: (self.first, end)}) for topic in topics}

    def assign(self, positions: dict[Place, int]) -> None:
        self.assigned = positions
        self.position = positions["gps.fixes", 0]

    def poll(self) -> tuple[list[Chunk], dict[Place, int]]:
        self.before_poll()
        batch = [one for one in self.records if one.offsets[0] >= self.position][:3]
        if not batch:
            return [], {("gps.fixes", 0): self.position}
        self.position = int(batch[-1].offsets[-1]) + 1
        return batch, {}


def run(
    source: FakeKafka,
    lake: Path,
    *,
    once: bool = True,
    rhythm: Rhythm = ONE_FILE,
    polls: int = 1_000_000,
    said: list[str] | None = None,
    watch: LandingWatch | None = None,
) -> Totals:
    """Land until ``polls`` were made; each poll takes a second."""
    seconds: Iterator[int] = iter(range(10_000_000))
    left = iter([False] * polls)
    return land(
        source,
        lake,
        [GPS_FIXES],
        once=once,
        rhythm=rhythm,
        is_stopped=lambda: next(left, True),
        monotonic_s=lambda: float(next(seconds)),
        say=(said if said is not None else []).append,
        watcher=watch or LandingWatch(LandingMetrics(), Health()),
    )


def test_whoever_watches_is_told_where_landing_begins_and_of_every_file(tmp_path: Path) -> None:
    metrics = LandingMetrics()
    watch = LandingWatch(metrics, Health())
    kafka = FakeKafka([fetched(n) for n in range(5)])

    totals = run(kafka, tmp_path, watch=watch)

    watch.measured(kafka.states([GPS_FIXES]), now_s=1.0)
    rows = metrics.registry.get_sample_value("doorstep_landed_rows_total", {"topic": "gps.fixes"})
    lag = {"topic": "gps.fixes", "partition": "0"}
    assert (rows, totals.rows) == (5, 5)
    assert metrics.registry.get_sample_value("doorstep_landing_lag_records", lag) == 0


def landed_offsets(lake: Path) -> list[int]:
    """Every offset that the manifest's files hold, file by file."""
    entries = read_manifest(lake, "gps.fixes")
    assert {entry.path for entry in entries} == parquet_files(lake)
    return [
        offset
        for entry in entries
        for offset in pq.read_table(lake / entry.path, columns=["offset"])["offset"].to_pylist()
    ]


def test_landing_twice_changes_nothing(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(10)])

    first, second = run(source, tmp_path), run(source, tmp_path)

    assert (first.rows, first.files, second.files) == (10, 1, 0)
    assert landed_offsets(tmp_path) == list(range(10))


def test_the_name_says_where_the_rows_come_from(tmp_path: Path) -> None:
    run(FakeKafka([fetched(n) for n in range(5)]), tmp_path)

    assert parquet_files(tmp_path) == {"gps.fixes/landed_date=2026-03-02/landed_hour=12/A-0-0-4.parquet"}


def test_a_file_ends_at_the_grid_and_when_its_time_has_come(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(10)])

    # three records a second: 0-2, 3-5, [4 s] 6-8, 9
    run(source, tmp_path, rhythm=Rhythm(grid=4, every_s=3.0))

    names = [Path(entry.path).stem for entry in read_manifest(tmp_path, "gps.fixes")]
    assert names == ["A-0-0-3", "A-0-4-7", "A-0-8-8", "A-0-9-9"]


def test_once_does_not_wait_for_what_comes_later(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(3)])

    def add_one() -> None:
        source.records.append(fetched(int(source.records[-1].offsets[-1]) + 1))

    source.before_poll = add_one

    assert run(source, tmp_path, polls=50).rows == 3


def test_once_ends_where_the_last_offsets_are_no_records(tmp_path: Path) -> None:
    # What a transaction's marker leaves: the end is past the last record.
    source = FakeKafka([fetched(0)])
    source.states = lambda topics: {"gps.fixes": TopicState("A", {0: (0, 5)})}  # type: ignore[method-assign]
    polls = iter([([fetched(0)], {}), ([], {("gps.fixes", 0): 5})])
    source.poll = lambda: next(polls)  # type: ignore[method-assign]

    assert run(source, tmp_path).rows == 1


def test_records_that_all_break_their_contract_are_not_read_again(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n, b"nonsense") for n in range(4)])

    totals = run(source, tmp_path)

    assert (totals.rows, totals.rejected) == (0, 4)
    assert run(source, tmp_path).files == 0


def test_a_topic_made_anew_lands_beside_the_old_one(tmp_path: Path) -> None:
    run(FakeKafka([fetched(n) for n in range(5)], topic_id="A"), tmp_path)

    run(FakeKafka([fetched(n) for n in range(3)], topic_id="B"), tmp_path)

    assert landed_offsets(tmp_path) == [0, 1, 2, 3, 4, 0, 1, 2]


def test_a_topic_made_anew_while_landing_is_an_error_and_writes_nothing_doubtful(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(5)])

    def make_anew() -> None:
        source.topic_id = "B"

    source.before_poll = make_anew

    with pytest.raises(DoorstepError, match=r"made anew on Kafka while landing: gps\.fixes"):
        run(source, tmp_path)
    assert parquet_files(tmp_path) == set()


def test_a_kafka_that_does_not_answer_for_a_while_loses_nothing(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(9)])
    said: list[str] = []
    polls = iter([False, False, True, True, True])

    def answer() -> None:
        source.is_answering = next(polls, True)

    source.before_poll = answer

    run(source, tmp_path, rhythm=Rhythm(grid=1000, every_s=1.0), said=said)

    assert said[1] == "nobody answers; what was read waits"
    assert landed_offsets(tmp_path) == list(range(9))


def test_what_kafka_forgot_before_it_landed_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    run(FakeKafka([fetched(n) for n in range(5)]), tmp_path)

    source = FakeKafka([fetched(n) for n in range(20, 23)], first=20)
    run(source, tmp_path, said=said)

    assert source.assigned == {("gps.fixes", 0): 20}
    assert said[0] == "gps.fixes partition 0: Kafka forgot offsets 5 to 19 unlanded"
    assert landed_offsets(tmp_path) == [0, 1, 2, 3, 4, 20, 21, 22]


def test_what_a_crash_left_is_removed_and_read_again(tmp_path: Path) -> None:
    source = FakeKafka([fetched(n) for n in range(6)])
    run(source, tmp_path)
    hour = tmp_path / "gps.fixes/landed_date=2026-03-02/landed_hour=12"
    (hour / "A-0-6-8.parquet").write_bytes(b"a file without its line")
    (hour / ".A-0-9-9.parquet").write_bytes(b"half a file")
    with manifest_path(tmp_path, "gps.fixes").open("ab") as manifest:
        manifest.write(b'{"topic":"gps.fi')
    source.records += [fetched(n) for n in range(6, 9)]

    run(source, tmp_path)

    assert landed_offsets(tmp_path) == list(range(9))


def test_a_lake_has_one_writer(tmp_path: Path) -> None:
    with (
        only_writer(tmp_path),
        pytest.raises(ConfigurationError, match=r"another landing \(process \d+\) writes to the lake"),
    ):
        run(FakeKafka([fetched(0)]), tmp_path)

    assert run(FakeKafka([fetched(0)]), tmp_path).rows == 1


def test_a_rhythm_that_never_writes_is_refused() -> None:
    with pytest.raises(ValueError, match="positive grid and interval"):
        Rhythm(every_s=0)
