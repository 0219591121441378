"""The embedded Kafka: locked jars, one node on loopback, started, found and stopped by its folder."""

from pipelines.broker.address import bootstrap_servers, require_kafka
from pipelines.broker.control import start, stop
from pipelines.broker.state import RunningBroker, status

__all__ = ["RunningBroker", "bootstrap_servers", "require_kafka", "start", "status", "stop"]
