"""What a picture of a plan under way shows.

depot ── a (done) ── vehicle A ╌╌ b (frozen) ── c ── depot
"""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from pipelines.planning.picture import DRIVEN, Frame, Scene, draw
from pipelines.planning.replanning_case import render_case
from routing.changes import Progress
from routing.errors import ConfigurationError
from routing.evaluate import evaluate
from tests.factories import TRAVEL, at, place, route, stop

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLE = Path(__file__).parents[2] / "examples" / "replanning"

ROUTE = route(
    stop("a", 1000),
    stop("b & co", 3000, window=("08:00", "08:30")),
    stop("c", 3000, 2000, window=("08:00", "09:30")),
)
REPORT = Progress("A", place(2000), at("08:40"), done_stop_ids=("a",), frozen_stop_ids=("b & co",))


def scene() -> Scene:
    judged = evaluate([ROUTE], TRAVEL, progress=[REPORT])
    return Scene((ROUTE,), judged.routes, (REPORT,), (stop("new", -500),))


def drawn(*notes: str) -> ElementTree.Element:
    shown = scene()
    return ElementTree.fromstring(draw("A title", shown, Frame(shown.places), notes))


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in picture.iter(f"{SVG}text")]


def test_it_says_who_is_reached_when_and_who_is_late() -> None:
    shown = texts(drawn())

    for words in (
        "A title",
        "a done",
        "b & co 08:41",
        "until 08:30",
        "12 min late",
        "c 08:45",
        "new no place yet",
        "A",
    ):
        assert words in shown
    assert sum("late" in words for words in shown) == 1


def test_what_is_driven_is_grey_and_what_is_fixed_is_dashed() -> None:
    lines = list(drawn().iter(f"{SVG}line"))

    assert [line.get("stroke") == DRIVEN for line in lines] == [True, True, False, False, False]
    assert [line.get("stroke-dasharray") is not None for line in lines] == [False, False, True, False, False]


def test_notes_stand_below_and_the_picture_grows_with_them() -> None:
    one, two = drawn("first <note>"), drawn("first <note>", "second")

    assert texts(one)[-1] == "first <note>"
    assert int(two.get("height", "0")) > int(one.get("height", "0"))


def test_north_is_up_and_a_metre_is_as_long_in_each_direction() -> None:
    frame = Frame([place(0, 0), place(4000, 0), place(0, 1000)])

    (west, south), (east, _), (_, north) = (
        frame.at(each) for each in (place(0, 0), place(4000, 0), place(0, 1000))
    )

    assert north < south
    assert (east - west) / (south - north) == pytest.approx(4, rel=0.02)


def test_all_that_is_drawn_lies_on_the_picture() -> None:
    frame = Frame(scene().places)

    for x, y in map(frame.at, scene().places):
        assert 0 < x < 760
        assert 0 < y < 470


def test_one_place_alone_can_be_drawn() -> None:
    assert Frame([place()]).at(place()) == Frame([place()]).at(place())


def test_the_case_of_a_folder_is_drawn_before_and_after_with_all_that_could_be_done() -> None:
    pages = render_case(EXAMPLE)

    assert "10 min late" in pages.before
    assert "no place yet" in pages.before
    assert "late</text>" not in pages.after
    assert pages.choices.count("✓") == 1
    assert "| do nothing |" in pages.choices


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"day\.json can't be read"):
        render_case(tmp_path)
