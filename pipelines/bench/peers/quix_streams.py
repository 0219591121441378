"""Quix Streams as its documentation has it: a dataframe by topic, state in RocksDB with a changelog."""

from pathlib import Path

from quixstreams import Application
from quixstreams import State as Store

from pipelines.bench.peers.kernel import FRESH, State, advance_message, read_plans, write_said
from pipelines.bench.peers.task import Stopwatch, read_task


def main() -> None:
    """Run until the log is read."""
    task = read_task()
    plans = read_plans(Path(task.plans).read_bytes())
    watch = Stopwatch(task)
    app = Application(
        broker_address=task.servers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=Path(task.folder, "quix"),
        loglevel="WARNING",
    )

    def count(_: object) -> None:
        if watch.count():
            watch.stop()
            app.stop()

    def judge(value: bytes, store: Store) -> list[bytes]:
        found = store.get("state")
        state = FRESH if found is None else State(*found)
        after, said = advance_message(plans, state, value)
        if after is not state:
            store.set("state", list(after))
        return [write_said(each) for each in said]

    said_topic = app.topic(task.said_topic, value_serializer="bytes")
    fixes = app.dataframe(app.topic(task.fixes_topic, value_deserializer="bytes"))
    judged = fixes.apply(judge, stateful=True)
    judged.update(count)
    judged.apply(lambda said: said, expand=True).to_topic(said_topic)
    for name in task.other_topics:
        app.dataframe(app.topic(name, value_deserializer="bytes")).update(count)
    app.run()


if __name__ == "__main__":
    main()
