"""Faust as its documentation has it: an agent that takes event by event, and a table by key."""

import asyncio
import os
from pathlib import Path

import faust
from faust.types import StreamT

from pipelines.bench.peers.kernel import FRESH, State, advance_message, read_plans, write_said
from pipelines.bench.peers.task import Stopwatch, Task, read_task

SETTLE_S = 3.0
"""What was said is on its way yet when the last message is judged."""


def build(task: Task) -> faust.App:
    """The app, not started."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.servers}",
        store="memory://",
        datadir=Path(task.folder, "faust"),
        consumer_auto_offset_reset="earliest",
        topic_partitions=task.partitions,
        topic_replication_factor=1,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
    )
    states = app.Table("states", partitions=task.partitions)
    said_topic = app.topic(task.said_topic, key_serializer="raw", value_serializer="raw")
    plans = read_plans(Path(task.plans).read_bytes())
    watch = Stopwatch(task)

    async def judge(stream: StreamT[bytes]) -> None:
        async for event in stream.events():
            if event.message.topic == task.fixes_topic:
                vehicle_id = event.key.decode()
                found = states.get(vehicle_id)
                state = FRESH if found is None else State(*found)
                states[vehicle_id], said = advance_message(plans, state, event.value)
                for each in said:
                    await said_topic.send(key=event.key, value=write_said(each))
            if watch.count():
                watch.stop()
                asyncio.get_running_loop().call_later(SETTLE_S, os._exit, 0)

    read = app.topic(*task.topics, key_serializer="raw", value_serializer="raw")
    app.agent(read)(judge)
    return app


def main() -> None:
    """Run until the log is read."""
    app = build(read_task())
    app.finalize()
    faust.Worker(app, loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main()
