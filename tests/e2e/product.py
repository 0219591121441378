"""The product as its user runs it: by its command line, each part a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from routing.errors import KafkaUnavailable
from streams.worker.lag import WorkerLag

PARTITIONS = 2


@dataclass(frozen=True)
class Product:
    """One deployment: a home folder and a cluster."""

    home: Path
    servers: str
    prefix: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DOORSTEP_HOME": str(self.home),
            "DOORSTEP_CLOCK": "external",
            "DOORSTEP_PARTITIONS": str(PARTITIONS),
            "DOORSTEP_TOPIC_PREFIX": self.prefix,
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
        }

    @property
    def published(self) -> Path:
        return self.home / "published" / "kpi.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "warehouse.duckdb"

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run one command to its end; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == expect, f"doorstep {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one command; its output goes to a log in the home."""
        log = self.home / f"{arguments[0]}.log"
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "pipelines", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs until the block ends, then is told to stop and must within 15 s."""
        process = self.start(*arguments)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                finally:
                    if process.poll() is None:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.wait()

    def settle(self, within_s: float = 90.0) -> None:
        """Wait until the worker's checkpoints cover everything on its input topics."""
        deadline_s = time.monotonic() + within_s
        lag = WorkerLag(self.servers, self.prefix)
        while behind := _behind(lag):
            assert time.monotonic() < deadline_s, f"the worker is still {behind} messages behind"
            time.sleep(0.3)
        lag.close()

    def kpis(self, *arguments: str) -> list[dict[str, object]]:
        """Rows of ``doorstep kpis --json``."""
        return [json.loads(line) for line in self.run("kpis", "--json", *arguments).splitlines()]


def _behind(lag: WorkerLag) -> int | str:
    """Messages; a broker that is just back may not know yet that it leads, and is asked again."""
    try:
        return lag.messages()
    except KafkaUnavailable as error:
        return f"an unknown number of ({error})"
