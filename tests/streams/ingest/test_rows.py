import gzip
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import ConfigurationError
from streams.ingest.row import Row
from streams.ingest.rows import content_hash, open_table


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_csv_rows_are_text_by_column_with_their_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b'\xef\xbb\xbfid,name\r\n1,"Rio, centro"\r\n\r\n2,"two\nlines"\r\n')

    table = open_table(path)

    assert table.columns == ("id", "name")
    assert list(table.rows()) == [
        Row(1, {"id": "1", "name": "Rio, centro"}, b'1,"Rio, centro"\r\n'),
        Row(2, {"id": "2", "name": "two\nlines"}, b'2,"two\nlines"\r\n'),
    ]


def test_empty_values_past_the_last_column_pass(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id,name\n1,one,\n2,two, ,\n3,three,3\n")

    rows = list(open_table(path).rows())

    assert [row.values for row in rows] == [{"id": "1", "name": "one"}, {"id": "2", "name": "two"}, {}]
    assert rows[2].problem == "the row has 3 values, the header 2"


def test_a_broken_csv_row_has_a_problem_and_its_bytes_and_stops_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id,name\n1\n2,\xff\n3," + b"x" * 200_000 + b"\n4,four\n")

    rows = list(open_table(path).rows())

    assert [row.problem for row in rows] == [
        "the row has 1 values, the header 2",
        "the row is not UTF-8",
        "not a CSV row: field larger than field limit (131072)",
        None,
    ]
    assert rows[1].as_bytes() == b"2,\xff\n"
    assert rows[3].values == {"id": "4", "name": "four"}


def test_a_quote_that_is_not_closed_costs_its_own_line_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b'id,name\n1,"one\n2,two\n\n3,"th,ree"\n4,four\n')

    rows = list(open_table(path).rows())

    assert rows == [
        Row(1, {}, b'1,"one\n', "a quote is not closed: it opens in line 2"),
        Row(2, {"id": "2", "name": "two"}, b"2,two\n"),
        Row(3, {"id": "3", "name": "th,ree"}, b'3,"th,ree"\n'),
        Row(4, {"id": "4", "name": "four"}, b"4,four\n"),
    ]


@pytest.mark.parametrize(
    ("tail", "problems"),
    [
        # The quote runs to the end of the file, in the last line too.
        (b'1,"one\n2,two\n3,three', ["a quote is not closed: it opens in line 2", None, None]),
        (b'1,one\n2,"two', [None, "a quote is not closed: it opens in line 3"]),
        # It meets another's closing quote, and the row has too many values.
        (b'1,"one\n2,two",3\n4,four\n', ["the row has 3 values, the header 2"] * 2 + [None]),
        # Past the longest value that is read.
        (b'1,"one\n' + b"2,two\n" * 30_000, ["a quote is not closed: it opens in line 2", *[None] * 30_000]),
        (b'1,"o"ne\n2,two\n', ["not a CSV row: ',' expected after '\"'", None]),
    ],
)
def test_every_line_behind_a_wrong_quote_is_read(
    tmp_path: Path, tail: bytes, problems: list[str | None]
) -> None:
    path = write(tmp_path, "a.csv", b"id,name\n" + tail)

    rows = list(open_table(path).rows())

    assert [row.problem for row in rows] == problems


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "a.csv", b"id,name\n"))

    assert (table.columns, list(table.rows())) == (("id", "name"), [])


def test_blanks_behind_commas_do_not_count(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "a.csv", b'id, name\n1, "Rio, centro"\n'))

    assert [row.values for row in table.rows()] == [{"id": "1", "name": "Rio, centro"}]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"\xef\xbb\xbf", "the file is empty"),
        ("a.csv", b"\n\n", "the line is blank; the names of the columns belong there"),
        ("a.csv", b"id,id\n1,2\n", "two columns of the same name: 'id'"),
        ("a.csv", b'id,"name\n1,2\n', "a quote is not closed: it opens in line 1"),
        ("a.csv", b"id;name\n1;2\n", "separated by semicolons, and commas would be right: id;name"),
        ("a.csv", b"id\tname\n1\t2\n", r"separated by tabs, and commas would be right: id\tname"),
        ("a.csv", b"id,stra\xdfe\n1,2\n", r"column stra\xdfe is not UTF-8; save the file as UTF-8"),
        ("a.csv", "id,name\n1,2\n".encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        ("a.csv", "id,name\n1,2\n".encode("utf-16-le"), "the file is no text in UTF-8"),
        ("a.csv", gzip.compress(b"id,name\n1,2\n"), "the file is compressed by gzip; unpack it"),
        ("a.csv", b"PK\x03\x04", "a ZIP archive or a spreadsheet"),
        ("a.ndjson", b"", "the file is empty"),
        ("a.ndjson", b" \n\n", "the file is blank; one JSON object a line"),
        (
            "a.ndjson",
            b"[1,2]\nfoo\n",
            "no JSON object with keys, as {...} would be, nor any line below it: [1,2]",
        ),
        ("a.jsonl", gzip.compress(b"{}"), "the file is compressed by gzip; unpack it"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_by_its_first_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = write(tmp_path, name, content)

    with pytest.raises(ConfigurationError) as raised:
        open_table(path)

    assert str(raised.value).startswith(f"{path}, line 1: ")
    assert says in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_mark_of_utf_8_before_json_lines_is_no_part_of_them(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "a.ndjson", b'\xef\xbb\xbf{"id": 1}\n'))

    assert [row.values for row in table.rows()] == [{"id": 1}]


def test_a_damaged_parquet_file_says_how_far_it_could_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": list(range(50_000))}), path, row_group_size=20_000, use_dictionary=False)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 60_000] = b"\xff" * 60_000
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"a.parquet can't be read past row 20000: "):
        list(open_table(path).rows())


def test_parquet_rows_come_as_values_and_stand_as_json(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    at_ns = 1_757_676_856_282_387_123  # 2025-09-12 11:34:16.282387123
    columns = {
        "id": pa.array(["a", "b"]),
        "lat": pa.array([43.07, None]),
        "at": pa.array([at_ns, None], pa.timestamp("ns")),
    }
    pq.write_table(pa.table(columns), path)

    first, second = open_table(path).rows()

    assert first.values["at"] == datetime(2025, 9, 12, 11, 34, 16, 282387)  # noqa: DTZ001 - local, as in a file
    assert (first.number, first.problem) == (1, None)
    assert first.as_bytes() == b'{"id":"a","lat":43.07,"at":"2025-09-12T11:34:16.282387"}'
    assert second.values == {"id": "b", "lat": None, "at": None}


def test_parquet_batches_number_the_rows_on(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": list(range(25_000))}), path)

    numbers = [(row.number, row.values["n"]) for row in open_table(path).rows()]

    assert numbers == [(n + 1, n) for n in range(25_000)]


def test_json_lines_have_all_keys_as_columns_and_keep_their_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.ndjson", b'{"id": 1}\n\n[1]\nnonsense\n{"id": 2, "late": true}')

    table = open_table(path)
    rows = list(table.rows())

    assert table.columns == ("id", "late")
    assert rows[0].as_bytes() == b'{"id": 1}\n'
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [row.problem is None for row in rows] == [True, False, False, True]


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.xlsx", "neither .csv nor .parquet nor .ndjson"), ("a.parquet", "not a Parquet file")],
)
def test_other_files_are_refused(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        open_table(write(tmp_path, name, b"PK"))


def test_the_same_content_is_the_same_file(tmp_path: Path) -> None:
    assert content_hash(write(tmp_path, "a.csv", b"x")) == content_hash(write(tmp_path, "b.csv", b"x"))
    assert content_hash(tmp_path / "a.csv") != content_hash(write(tmp_path, "c.csv", b"y"))


@given(st.binary(max_size=300) | st.text('a,"\\r\\n', max_size=60).map(str.encode))
def test_any_bytes_are_rows_with_all_their_bytes(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("rows")

    rows = list(open_table(write(folder, "a.csv", b"a,b\n" + tail)).rows())

    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    rest = tail
    for row in rows:
        blank, found, rest = rest.partition(row.as_bytes())
        assert found
        assert blank.strip(b"\r\n") == b""
    assert rest.strip(b"\r\n") == b""
