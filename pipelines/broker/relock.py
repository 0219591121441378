"""Write ``deploy/kafka/jars.lock`` anew: resolve Kafka's coordinates, fetch, hash. Run by ``make lock``."""

import jgo

from pipelines.broker.jars import LOCK_FILE, Jar, render_lock, sha256_of

COORDINATES = "org.apache.kafka:kafka_2.13:4.3.0+org.slf4j:slf4j-simple:1.7.36"
"""The broker, and a logger for it; without one the broker says nothing."""


def main() -> None:
    """Resolve with the network and write the lock."""
    artifacts = jgo.resolve(COORDINATES)
    jars = [Jar(a.groupId, a.artifactId, a.version, sha256_of(a.resolve())) for a in artifacts]
    LOCK_FILE.parent.mkdir(parents=True, exist_ok=True)
    LOCK_FILE.write_text(render_lock(jars))


if __name__ == "__main__":
    main()
