"""The answers are written in the documented form of each server, for a depot and two stops."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request

import msgspec
import pytest

from pipelines.planning.problem_file import ProblemFile, read_problem
from pipelines.roads.servers import OsrmServer, TableServer, ValhallaServer, ask_server, fetch_answer
from routing.errors import ConfigurationError
from routing.plan import Location
from routing.travel import NO_WAY_M
from tests.factories import DAY, DEPOT, at, place, shift, stop

A, B = place(100), place(200)
PLACES = (DEPOT, A, B)

OSRM = """{
  "code": "Ok",
  "sources": [
    {"hint": "AAA", "distance": 3.1, "name": "Depot Road", "location": [5.00001, 52.0]},
    {"hint": "AAB", "distance": 0.4, "name": "", "location": [5.0014, 52.0]},
    {"hint": "AAC", "distance": 12.0, "name": "High Street", "location": [5.0029, 52.0]}
  ],
  "destinations": [
    {"hint": "AAA", "distance": 3.1, "name": "Depot Road", "location": [5.00001, 52.0]},
    {"hint": "AAB", "distance": 0.4, "name": "", "location": [5.0014, 52.0]},
    {"hint": "AAC", "distance": 12.0, "name": "High Street", "location": [5.0029, 52.0]}
  ],
  "durations": [[0, 12.5, 25.1], [13, 0, 12.6], [null, 14.2, 0]],
  "distances": [[0, 101.2, 203.4], [130.5, 0, 102.2], [null, 102.2, 0]]
}"""

VALHALLA = """{
  "algorithm": "costmatrix",
  "units": "kilometers",
  "sources": [[{"lon": 5.0, "lat": 52.0}]],
  "targets": [[{"lon": 5.0, "lat": 52.0}]],
  "sources_to_targets": [
    [{"distance": 0.0, "time": 0, "to_index": 0, "from_index": 0},
     {"distance": 0.1012, "time": 12.5, "to_index": 1, "from_index": 0},
     {"distance": 0.2034, "time": 25.1, "to_index": 2, "from_index": 0}],
    [{"distance": 0.1305, "time": 13, "to_index": 0, "from_index": 1},
     {"distance": 0.0, "time": 0, "to_index": 1, "from_index": 1},
     {"distance": 0.1022, "time": 12.6, "to_index": 2, "from_index": 1}],
    [{"distance": null, "time": null, "to_index": 0, "from_index": 2},
     {"distance": 0.1022, "time": 14.2, "to_index": 1, "from_index": 2},
     {"distance": 0.0, "time": 0, "to_index": 2, "from_index": 2}]
  ]
}"""

SERVERS = [(OsrmServer("http://localhost:5000/"), OSRM), (ValhallaServer("http://localhost:8002"), VALHALLA)]


@pytest.mark.parametrize(("server", "answer"), SERVERS)
def test_a_table_is_read(server: TableServer, answer: str) -> None:
    travel = ask_server(server, PLACES, lambda _: answer.encode())

    assert travel.leg(DEPOT, B, at("08:00")) == pytest.approx((203.4, 25.1))
    assert travel.leg(A, DEPOT, at("08:00")) == pytest.approx((130.5, 13))
    assert travel.leg(B, DEPOT, at("08:00"))[0] == NO_WAY_M


def test_osrm_is_asked_for_both_tables_by_longitude_and_latitude() -> None:
    asked = OsrmServer("http://localhost:5000/", profile="van").question((DEPOT,), (A, B))

    assert asked.full_url == (
        f"http://localhost:5000/table/v1/van/5.000000,52.000000;{A.lon_deg:.6f},52.000000;"
        f"{B.lon_deg:.6f},52.000000?sources=0&destinations=1;2&annotations=duration,distance"
    )


def test_valhalla_is_asked_by_post() -> None:
    asked = ValhallaServer("http://localhost:8002", costing="truck").question((DEPOT,), (A,))

    assert (asked.full_url, asked.get_method()) == ("http://localhost:8002/sources_to_targets", "POST")
    assert isinstance(asked.data, bytes)
    assert json.loads(asked.data) == {
        "sources": [{"lat": 52.0, "lon": 5.0}],
        "targets": [{"lat": A.lat_deg, "lon": A.lon_deg}],
        "costing": "truck",
    }


def by_position(request: Request) -> bytes:
    """An OSRM whose metres are ten times where a leg begins, and where it ends."""
    parts = urlsplit(request.full_url)
    east = [round(float(spot.split(",")[0]) * 1000) for spot in parts.path.rsplit("/", 1)[1].split(";")]
    query = parse_qs(parts.query)
    rows, columns = (
        [int(each) for each in query[name][0].split(";")] for name in ("sources", "destinations")
    )
    table = [[10 * east[row] + east[column] for column in columns] for row in rows]
    return msgspec.json.encode({"code": "Ok", "durations": table, "distances": table})


def test_many_places_are_asked_for_in_blocks() -> None:
    places = [Location(0, each / 1000) for each in range(7)]

    travel = ask_server(OsrmServer("http://localhost", most_places=3), [*places, places[0]], by_position)

    for origin in range(7):
        for destination in range(7):
            expected = 10 * origin + destination if origin != destination else 0
            assert travel.leg(places[origin], places[destination], at("08:00"))[0] == expected


@pytest.mark.parametrize(
    ("server", "answer", "message"),
    [
        (
            SERVERS[0][0],
            '{"code": "TooBig", "message": "Too many table coordinates"}',
            "TooBig: Too many table",
        ),
        (SERVERS[0][0], '{"code": "NoSegment"}', "OSRM answers NoSegment: no more is said"),
        (SERVERS[0][0], '{"code": "Ok", "durations": [[0]]}', r"distances of shape \(0,\) for 3 sources"),
        (SERVERS[0][0], OSRM.replace("[13, 0, 12.6]", "[13, 0]"), r"rows of \[2, 3\] entries"),
        (SERVERS[0][0], OSRM.replace("[13, 0, 12.6]", "[13, 0, -1]"), "durations, from place 1 to 2: -1"),
        (SERVERS[0][0], OSRM.replace("12.0", "1200"), r"52\.0, 5\.00.* is 1\.2 km from the nearest road"),
        (SERVERS[0][0], "<html>", "malformed"),
        (SERVERS[1][0], VALHALLA.replace("kilometers", "furlongs"), "Valhalla answers in furlongs"),
        (SERVERS[1][0], '{"error_code": 154}', "missing required field `sources_to_targets`"),
    ],
)
def test_an_answer_that_is_no_table_is_refused(server: TableServer, answer: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask_server(server, PLACES, lambda _: answer.encode())


def test_miles_are_miles() -> None:
    travel = ask_server(SERVERS[1][0], PLACES, lambda _: VALHALLA.replace("kilometers", "miles").encode())

    assert travel.leg(DEPOT, A, at("08:00"))[0] == pytest.approx(0.1012 * 1609.344)


class Answering(BaseHTTPRequestHandler):
    """Knows one table, and nothing else."""

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            return
        is_table = self.path.startswith("/table/v1/driving/")
        body = (OSRM if is_table else '{"code": "InvalidUrl"}').encode()
        self.send_response(200 if is_table else 400)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as answering:
        thread = Thread(target=answering.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{answering.server_port}"
        answering.shutdown()
        thread.join()


def problem_with(folder: Path, url: str) -> Path:
    file = folder / "problem.json"
    asked = ProblemFile("D1", DAY, (shift(),), (stop("a", 100), stop("b", 200)), server=OsrmServer(url))
    file.write_bytes(msgspec.json.encode(asked))
    return file


def test_a_problem_may_name_a_server(tmp_path: Path, server: str) -> None:
    problem = read_problem(problem_with(tmp_path, server)).problem

    assert problem.travel.leg(DEPOT, B, at("08:00")) == pytest.approx((203.4, 25.1))


def test_a_server_that_is_not_there_or_refuses_is_named(tmp_path: Path, server: str) -> None:
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:\d+ answers 400: .*InvalidUrl"):
        fetch_answer(Request(f"{server}/route"))
    with pytest.raises(ConfigurationError, match=r"http://127\.0\.0\.1:9 does not answer: .*refused"):
        read_problem(problem_with(tmp_path, "http://127.0.0.1:9"))
    with pytest.raises(ConfigurationError, match="does not answer: IncompleteRead"):
        fetch_answer(Request(f"{server}/cut"))
    with pytest.raises(ConfigurationError, match="http:// or https:// would be right"):
        fetch_answer(Request("file:///etc/hosts"))
