"""Which Kafka everything talks to, and whether it is there."""

from pipelines.broker.probe import parse_addresses, wait_until_answering
from pipelines.broker.state import status
from pipelines.settings import Settings
from routing.errors import ConfigurationError, KafkaUnavailable

PATIENCE_S = 5.0


def bootstrap_servers(settings: Settings) -> str:
    """The configured cluster, else the embedded broker that runs in this home.

    Raises ``KafkaUnavailable`` where there is neither.
    """
    if settings.kafka_bootstrap_servers is not None:
        return settings.kafka_bootstrap_servers
    broker = status(settings.kafka_home)
    if broker is None:
        raise KafkaUnavailable(
            f"no Kafka runs in {settings.kafka_home}: type 'doorstep kafka start', "
            "or set KAFKA_BOOTSTRAP_SERVERS to one of your own"
        )
    return broker.bootstrap_servers


def require_kafka(settings: Settings) -> str:
    """``bootstrap_servers``, after a broker answered there.

    Raises ``KafkaUnavailable`` when none does within 5 s, ``ConfigurationError`` for an address
    that is not ``host:port``.
    """
    servers = bootstrap_servers(settings)
    try:
        addresses = parse_addresses(servers)
    except ValueError as error:
        raise ConfigurationError(f"KAFKA_BOOTSTRAP_SERVERS is {servers!r}: {error}") from error
    if not wait_until_answering(addresses, PATIENCE_S):
        raise KafkaUnavailable(
            f"no Kafka answers at {servers} (tried for {PATIENCE_S:.0f} s): {_way_out(settings)}"
        )
    return servers


def _way_out(settings: Settings) -> str:
    if settings.kafka_bootstrap_servers is None:
        return (
            f"see {settings.kafka_home / 'broker.log'}; then 'doorstep kafka stop' and 'doorstep kafka start'"
        )
    return "check KAFKA_BOOTSTRAP_SERVERS, or unset it and type 'doorstep kafka start'"
