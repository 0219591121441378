"""Drivers and customers stand in the warehouse under pseudonyms alone; the key stays outside."""

import hmac
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from assets.history.record import record
from assets.history.tables import history_models, open_history
from assets.ledger import open_ledger
from assets.pseudonyms import KINDS, make_key, pseudonym, read_key, set_key, use_key
from assets.publishing import publish
from routing.errors import ConfigurationError
from streams.events.delivery import ScanKind
from tests.models.events import DAY, at, depot, fix, order, rate, scan, shift, tick, vehicle
from tests.models.given import KEY, PROJECT, Lake, Warehouse

RAW_DRIVERS = ("driver-ada-lovelace", "driver-bob-the-second")
RAW_CUSTOMER = "customer-of-high-street"


@pytest.fixture
def ledger(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    open_ledger(connection)
    return connection


@given(raw_id=st.text(max_size=80), kind=st.sampled_from(KINDS))
def test_sql_and_python_make_the_pseudonym_that_rfc_2104_says(raw_id: str, kind: str) -> None:
    connection = duckdb.connect()
    set_key(connection, KEY)
    expected = hmac.new(KEY, f"{kind}:{raw_id}".encode(), sha256).hexdigest()[:16]

    ((found,),) = connection.execute("select pseudonym(?, ?)", [kind, raw_id]).fetchall()

    assert found == pseudonym(KEY, kind, raw_id) == f"{kind}-{expected}"


def test_no_raw_driver_or_customer_is_in_the_published_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.land(
        depot(),
        vehicle(),
        shift(driver_id=RAW_DRIVERS[0]),
        rate(driver_per_h=36),
        fix("09:00", 52.5),
        fix("09:10", 52.6),
        *(replace(order(f"o{number}"), customer_ref=RAW_CUSTOMER) for number in range(6)),
        *(scan(ScanKind.DELIVERED, "09:30", f"o{number}") for number in range(5)),
        replace(scan(ScanKind.FAILED, "09:30", "o5", shift_id=None), driver_id=RAW_DRIVERS[1]),
        tick("18:00"),
    )
    warehouse = Warehouse(lake.root).build(DAY)
    record(warehouse.connection, "first", at("20:00"), [], "UTC")
    models = (*(model for model in PROJECT.models if model.layer in ("marts", "seeds")), *history_models())

    target = publish(warehouse.connection, models, tmp_path / "kpi.duckdb", "first")

    with duckdb.connect(str(target), read_only=True) as reader:
        columns = reader.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
        texts = [
            str(value)
            for table, column in columns
            for (value,) in reader.execute(f'select distinct "{column}" from marts.{table}').fetchall()
        ]
        drivers = reader.execute("select distinct driver_id from marts.routes").fetchall()
    assert [text for text in texts for raw in (*RAW_DRIVERS, RAW_CUSTOMER) if raw in text] == []
    assert not any(raw.encode() in target.read_bytes() for raw in (*RAW_DRIVERS, RAW_CUSTOMER))
    assert drivers == [(pseudonym(KEY, "driver", RAW_DRIVERS[0]),)]
    assert {pseudonym(KEY, "driver", RAW_DRIVERS[1]), pseudonym(KEY, "customer", RAW_CUSTOMER)} <= set(texts)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "pseudonyms.key"

    make_key(path)
    first = read_key(path)
    make_key(path)

    assert read_key(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["pseudonyms.key"]


def test_the_key_does_not_enter_the_warehouse(tmp_path: Path) -> None:
    path, database = tmp_path / "pseudonyms.key", tmp_path / "w.duckdb"
    with duckdb.connect(str(database)) as connection:
        open_ledger(connection)
        use_key(connection, path)
        connection.execute("create table t as select pseudonym('driver', 'ada') as driver_id")

    held = database.read_bytes()

    key = path.read_bytes()
    assert key not in held
    assert key.hex().encode() not in held
    assert bytes(byte ^ 0x36 for byte in key) not in held


def test_another_key_than_the_warehouses_is_refused(
    ledger: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    use_key(ledger, tmp_path / "first.key")
    make_key(tmp_path / "second.key")

    with pytest.raises(ConfigurationError, match=r"second\.key is not the one that this warehouse was built"):
        use_key(ledger, tmp_path / "second.key")


def test_a_lost_key_is_told_and_no_new_one_made_in_its_place(
    ledger: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    use_key(ledger, tmp_path / "lost.key")
    (tmp_path / "lost.key").unlink()

    with pytest.raises(ConfigurationError, match=r"lost\.key is not there: put it back"):
        use_key(ledger, tmp_path / "lost.key")

    assert not (tmp_path / "lost.key").exists()


def test_a_file_that_is_no_key_is_refused(ledger: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "short.key").write_bytes(b"secret")

    with pytest.raises(ConfigurationError, match="has 6 bytes; it has 32"):
        use_key(ledger, tmp_path / "short.key")


def test_a_warehouse_from_before_gets_its_pseudonyms_once(
    ledger: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    ledger.execute("create schema staging; create table staging.stg_scans as select 'ada' as driver_id")
    ledger.execute("insert into staging.stg_scans values (null)")
    open_history(ledger)
    ledger.execute(
        "insert into history.kpi_versions by name select unnest(['driver', 'driver', 'vehicle']) as segment, "
        "unnest(['ada', 'unknown', 'van']) as segment_value"
    )

    use_key(ledger, tmp_path / "p.key")
    use_key(ledger, tmp_path / "p.key")

    ada = pseudonym(read_key(tmp_path / "p.key"), "driver", "ada")
    assert ledger.execute("select driver_id from staging.stg_scans").fetchall() == [(ada,), (None,)]
    assert ledger.execute("select segment_value from history.kpi_versions order by 1").fetchall() == [
        (ada,),
        ("unknown",),
        ("van",),
    ]
