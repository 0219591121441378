"""Does a broker answer? One ApiVersions request over a plain socket, with a deadline."""

import socket
import struct
from time import monotonic, sleep

_API_VERSIONS, _VERSION, _CORRELATION = 18, 0, 1
_REQUEST = struct.pack(">ihhih", 10, _API_VERSIONS, _VERSION, _CORRELATION, -1)
"""Size, api key, api version, correlation id, no client id."""


def parse_addresses(bootstrap_servers: str) -> list[tuple[str, int]]:
    """Hosts and ports of ``host:port,host:port``; IPv6 in brackets. Raises ``ValueError`` naming the part."""
    addresses = []
    for part in bootstrap_servers.split(","):
        host, _, port = part.strip().rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{part.strip()!r} is not host:port")
        addresses.append((host.strip("[]"), int(port)))
    return addresses


def is_answering(address: tuple[str, int], timeout_s: float) -> bool:
    """Whether a Kafka broker answers at ``address``; something else that listens there does not count."""
    try:
        with socket.create_connection(address, timeout=timeout_s) as connection:
            connection.sendall(_REQUEST)
            answer = connection.makefile("rb").read(10)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (_CORRELATION, 0)


def wait_until_answering(addresses: list[tuple[str, int]], timeout_s: float) -> bool:
    """Whether one of ``addresses`` answers before ``timeout_s`` seconds are over."""
    deadline = monotonic() + timeout_s
    while True:
        for address in addresses:
            remaining_s = deadline - monotonic()
            if remaining_s > 0 and is_answering(address, min(2.0, remaining_s)):
                return True
        if monotonic() >= deadline:
            return False
        sleep(0.1)
