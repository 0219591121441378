"""The small charts of marts."""

import xml.etree.ElementTree as ET
from base64 import b64decode
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from assets.charts import DAYS, Bar, chart_of, markdown, svg
from assets.models.project import Model
from tests.models.given import PROJECT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema marts")
    return connection


def shown(text: str) -> ET.Element:
    """The picture within Markdown."""
    return ET.fromstring(b64decode(text.split("base64,")[1].removesuffix(")")))


def heights(picture: ET.Element) -> list[float]:
    return [
        float(bar.attrib["height"])
        for bar in picture.iter(f"{SVG}rect")
        if bar.find(f"{SVG}title") is not None
    ]


def test_the_highest_bar_fills_the_picture_and_a_day_without_a_figure_is_empty() -> None:
    days = [Bar(date(2026, 3, 1), 2), Bar(date(2026, 3, 2), None), Bar(date(2026, 3, 3), 4)]

    assert heights(shown(markdown("rows", days))) == [38.0, 0.0, 76.0]


def test_a_table_of_nothing_but_zeros_is_flat() -> None:
    assert heights(ET.fromstring(svg("rows", [Bar(date(2026, 3, 1), 0)]))) == [0.0]


def test_a_mart_is_drawn_by_its_last_service_dates(warehouse: duckdb.DuckDBPyConnection) -> None:
    orders = PROJECT.model("orders")
    warehouse.execute(
        "create table marts.orders as "
        "select date '2026-01-01' + day::integer as service_date from range(40) t(day)"
    )

    chart = chart_of(warehouse, orders)

    assert chart is not None
    assert len(heights(shown(chart))) == DAYS
    assert "2026-02-09" in b64decode(chart.split("base64,")[1].removesuffix(")")).decode()


def test_kpis_are_drawn_by_their_on_time_rate(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "create table marts.kpi_daily as select * from (values "
        "('on_time_rate', date '2026-03-01', 'all', 0.5), ('on_time_rate', date '2026-03-02', 'all', 1.0), "
        "('on_time_rate', date '2026-03-02', 'zone', 9.0), ('early_rate', date '2026-03-02', 'all', 7.0)"
        ") as t(kpi_id, service_date, segment, value)"
    )

    chart = chart_of(warehouse, PROJECT.model("kpi_daily"))

    assert chart is not None
    assert heights(shown(chart)) == [38.0, 76.0]


def test_a_table_without_service_dates_has_no_chart(warehouse: duckdb.DuckDBPyConnection) -> None:
    undated: Model = replace(PROJECT.model("orders"), columns=())

    assert chart_of(warehouse, undated) is None
