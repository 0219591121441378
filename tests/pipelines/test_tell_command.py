import pytest
from click.testing import CliRunner

from pipelines.commands.tell import command
from routing.changes import Outage
from routing.plan import Location
from tests.conftest import Topics
from tests.pipelines.test_proposals import judging
from tests.streams.dispatch.day_under_way import planned


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["out", "A"], "Missing option '--depot'"),
        (["out", "A", "--depot", "D1", "--transfer", "here"], "'here' is no place such as 41.15,-8.61"),
        (["out", "A", "--depot", "D1", "--transfer", "95,4"], "latitude outside -90..90: 95.0"),
        (
            ["out", "A", "--depot", "D1", "--from", "2026-03-02T09:00Z"],
            "when parcels can be taken over, and not",
        ),
        (
            [
                "roads",
                "52,5",
                "--depot",
                "D1",
                "--radius",
                "0",
                "--from",
                "2026-03-02",
                "--until",
                "2026-03-03",
            ],
            "SlowZone has a radius outside 0..100000 m: 0.0",
        ),
        (
            [
                *("roads", "52,5", "--depot", "D1", "--radius", "500", "--share", "0"),
                *("--from", "2026-03-02", "--until", "2026-03-03"),
            ],
            "SlowZone has a share of speed outside 0.1..1: 0.0",
        ),
    ],
)
def test_what_makes_no_sense_is_an_error_of_usage(words: list[str], message: str) -> None:
    said = CliRunner().invoke(command, words)

    assert said.exit_code == 2
    assert message in " ".join(said.output.split())


@pytest.mark.kafka
def test_a_person_tells_of_a_breakdown_and_of_closed_roads_on_a_real_broker(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", topics.bootstrap_servers)
    monkeypatch.setenv("DOORSTEP_TOPIC_PREFIX", topics.prefix)
    world = planned()
    where = ["--depot", "D1", "--as", "ada"]
    day = ["--radius", "500", "--from", "2026-03-02T09:00Z", "--until", "2026-03-02T11:00Z"]

    def tell(*words: str) -> tuple[int, str]:
        said = CliRunner().invoke(command, [*words, *where], catch_exceptions=False)
        return said.exit_code, said.stdout

    with judging(world, topics):
        out = tell("out", "A", "--transfer", "52.01,5.02")
        unknown = tell("out", "Z")
        closed = tell("roads", "52.01,5.02", *day, "--key", "k1")
        slow = tell("roads", "52.01,5.02", *day, "--share", "0.5", "--key", "k2")
        clear = tell("clear", "k2")
        back = tell("back", "A")

    assert out == (0, "accepted: shift A goes on no more: 2 stops open\n")
    assert unknown == (1, "refused: shift Z is in no plan of depot D1\n")
    assert closed == (0, "accepted: plans reckon with it from now on; its key is k1\n")
    assert slow[0] == 0
    assert clear == (0, "accepted: the roads are clear again; plans reckon with the usual speeds\n")
    assert back == (0, "accepted: shift A is back\n")
    (zone,) = world.depot.slow_zones.values()
    assert zone.is_closed
    assert Outage("A", Location(52.01, 5.02)) not in world.depot.outages.values()
