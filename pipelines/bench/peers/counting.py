"""The ceiling: confluent-kafka reads, and nothing but the number of messages is looked at."""

from pipelines.bench.peers.confluent_reader import batches
from pipelines.bench.peers.task import Stopwatch, read_task


def main() -> None:
    """Count to the end of the log."""
    task = read_task()
    for _ in batches(task, Stopwatch(task)):
        pass


if __name__ == "__main__":
    main()
