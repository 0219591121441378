"""Pseudonyms of drivers and customers: HMAC-SHA256 under a key that never enters the warehouse.

Staging replaces the ids as it reads them, so that no table behind it, and nothing that is published,
has them. The SQL function ``pseudonym`` and its key are in the session alone, which no database file
keeps; the lake stays as it landed. Whoever has the key can tell whose a pseudonym is; who lost it, nobody.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path

import duckdb

from routing.errors import ConfigurationError

KEY_BYTES = 32
DIGITS = 16
"""Hexadecimal digits of a pseudonym: among a million ids two are alike once in 37 million warehouses."""

KINDS = ("driver", "customer")

_BLOCK_BYTES = 64

_MACRO = f"""
create or replace temp macro pseudonym(kind, raw_id) as
kind || '-' || left(sha256(
    getvariable('pseudonym_outer')
    || unhex(sha256(getvariable('pseudonym_inner') || encode(kind || ':' || raw_id)))
), {DIGITS})
"""

_LEFT_IDS = (
    ("staging", "stg_scans", "driver_id = pseudonym('driver', driver_id)"),
    ("staging", "stg_shifts", "driver_id = pseudonym('driver', driver_id)"),
    ("staging", "stg_orders", "customer_ref = pseudonym('customer', customer_ref)"),
    *(
        (
            "history",
            table,
            "segment_value = pseudonym(segment, segment_value) where segment in ('driver', 'customer') "
            "and segment_value not in ('unknown', 'unallocated', 'others')",
        )
        for table in ("kpi_versions", "kpi_corrections")
    ),
)
"""Ids in tables that builds do not make whole."""


def pseudonym(key: bytes, kind: str, raw_id: str) -> str:
    """What stands for ``raw_id`` in the warehouse, such as ``driver-0f3a…``."""
    return f"{kind}-{hmac.new(key, f'{kind}:{raw_id}'.encode(), sha256).hexdigest()[:DIGITS]}"


def read_key(path: Path) -> bytes:
    """The key in ``path``. Raises ``ConfigurationError`` where there is none, or one of another length."""
    if not path.exists():
        raise ConfigurationError(
            f"the key of pseudonyms {path} is not there: put it back; without it no id can be matched to "
            "what is built, and only a warehouse built anew can have another"
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"the key of pseudonyms {path} has {len(key)} bytes; it has {KEY_BYTES}")
    return key


def make_key(path: Path) -> None:
    """Make a key that its owner alone can read, where there is none; two at once make one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def use_key(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make ``pseudonym`` work for this session, with the one key that the warehouse was built with.

    A new warehouse gets a new key where there is none. One from before pseudonyms gets them now. Raises
    ``ConfigurationError`` where the key is missing or another one than the warehouse's.
    """
    connection.execute("create table if not exists meta.pseudonym_key (fingerprint varchar)")
    known = connection.execute("select fingerprint from meta.pseudonym_key").fetchall()
    if not known:
        make_key(path)
    key = read_key(path)
    fingerprint = pseudonym(key, "key", "fingerprint")
    if known and known[0][0] != fingerprint:
        raise ConfigurationError(
            f"the key of pseudonyms {path} is not the one that this warehouse was built with: "
            "put that one back"
        )
    set_key(connection, key)
    if not known:
        _take_ids_out(connection, fingerprint)


def set_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """The function ``pseudonym`` and the two padded keys of RFC 2104, in the session alone."""
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    connection.execute("set variable pseudonym_inner = ?", [bytes(byte ^ 0x36 for byte in padded)])
    connection.execute("set variable pseudonym_outer = ?", [bytes(byte ^ 0x5C for byte in padded)])
    connection.execute(_MACRO)


def _take_ids_out(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    """Replace the ids that a former Doorstep left, and note the key; all of it or nothing."""
    tables = "select schema_name || '.' || table_name from duckdb_tables()"
    there = {row[0] for row in connection.execute(tables).fetchall()}
    connection.execute("begin")
    for schema, table, change in _LEFT_IDS:
        if f"{schema}.{table}" in there:
            connection.execute(f"update {schema}.{table} set {change}")
    connection.execute("insert into meta.pseudonym_key values (?)", [fingerprint])
    connection.execute("commit")
