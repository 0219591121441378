"""Bytewax as its documentation has it: a keyed stream and ``stateful_flat_map``; no recovery store."""

from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from pipelines.bench.peers.kernel import FRESH, Said, State, advance_message, read_plans, write_said
from pipelines.bench.peers.task import Stopwatch, Task, read_task


def build(task: Task, watch: Stopwatch) -> Dataflow:
    """The flow, which ends with the log."""
    plans = read_plans(Path(task.plans).read_bytes())

    def fixes(messages: list[KafkaSourceMessage]) -> list[tuple[str, bytes]]:
        watch.count(len(messages))
        return [(m.key.decode(), m.value) for m in messages if m.topic == task.fixes_topic]

    def judge(state: State | None, value: bytes) -> tuple[State, list[Said]]:
        return advance_message(plans, state or FRESH, value)

    def to_kafka(keyed: tuple[str, Said]) -> KafkaSinkMessage[bytes, bytes]:
        return KafkaSinkMessage(keyed[0].encode(), write_said(keyed[1]))

    flow = Dataflow("visits")
    read = kop.input("read", flow, brokers=[task.servers], topics=task.topics, tail=False, batch_size=1_000)
    keyed = op.flat_map_batch("fixes", read.oks, fixes)
    said = op.stateful_flat_map("judge", keyed, judge)
    kop.output("say", op.map("to_kafka", said, to_kafka), brokers=[task.servers], topic=task.said_topic)
    return flow


def main() -> None:
    """Run until the log is read."""
    task = read_task()
    watch = Stopwatch(task)
    run_main(build(task, watch))
    watch.stop()


if __name__ == "__main__":
    main()
