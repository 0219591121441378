"""A plan under way as an SVG picture: what is driven, what is fixed, who is reached when, who is late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import cos, radians

from routing.changes import Progress
from routing.evaluation import RouteEvaluation, VisitEvaluation
from routing.plan import Location, Route, Stop
from routing.words import in_words

WIDTH, MAP_HEIGHT, MARGIN, LINE = 760, 470, 70, 20
HIGH = 120
"""Above this there is room for a label between a point and the title."""

CLOCK = "%H:%M"
COLOURS = ("#1f6f8b", "#b5651d", "#6a4c93", "#4d7c0f")
DRIVEN, LATE, INK, PAPER = "#9aa0a6", "#c1121f", "#202124", "#ffffff"

_STYLE = (
    f"text{{font-family:Helvetica,Arial,sans-serif;font-size:13px;fill:{INK}}}"
    f".halo{{paint-order:stroke;stroke:{PAPER};stroke-width:4px;stroke-linejoin:round}}"
    f".small{{font-size:11px;fill:#5f6368}}.late{{fill:{LATE};font-weight:bold}}"
    f".title{{font-size:17px;font-weight:bold}}.tag{{fill:{PAPER}}}"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn: whole routes with the evaluator's word on what is ahead, and who has no place."""

    routes: tuple[Route, ...]
    judged: tuple[RouteEvaluation, ...]
    progress: tuple[Progress, ...]
    unserved: tuple[Stop, ...] = ()

    @property
    def places(self) -> tuple[Location, ...]:
        """Everything that has to be on the picture."""
        ends = [place for route in self.routes for place in (route.shift.start, route.shift.end)]
        stops = [visit.stop.location for route in self.routes for visit in route.visits]
        vehicles = [each.location for each in self.progress]
        return (*ends, *stops, *vehicles, *(stop.location for stop in self.unserved))


class Frame:
    """Where places are on the picture; north is up, and a metre is as long in each direction."""

    def __init__(self, places: Sequence[Location]) -> None:
        lats = [place.lat_deg for place in places]
        lons = [place.lon_deg for place in places]
        self._west, self._north = min(lons), max(lats)
        self._squeeze = cos(radians((min(lats) + max(lats)) / 2))
        across = (max(lons) - min(lons)) * self._squeeze
        down = max(lats) - min(lats)
        room = WIDTH - 2 * MARGIN, MAP_HEIGHT - 2 * MARGIN
        self._scale = min(room[0] / max(across, 1e-9), room[1] / max(down, 1e-9))
        self._left = (WIDTH - across * self._scale) / 2
        self._top = (MAP_HEIGHT - down * self._scale) / 2 + 20

    def at(self, place: Location) -> tuple[int, int]:
        """Pixels from the left and from the top."""
        x = self._left + (place.lon_deg - self._west) * self._squeeze * self._scale
        y = self._top + (self._north - place.lat_deg) * self._scale
        return round(x), round(y)


def draw(title: str, scene: Scene, frame: Frame, notes: Sequence[str]) -> str:
    """The picture, with ``notes`` below it. The same scene gives the same text."""
    height = MAP_HEIGHT + LINE * (len(notes) + 1)
    reports = {each.shift_id: each for each in scene.progress}
    colours = [COLOURS[n % len(COLOURS)] for n in range(len(scene.routes))]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        *_arrows({*colours, DRIVEN}),
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        f'<text class="title" x="20" y="30">{escape(title)}</text>',
    ]
    sketches = [
        _Sketch(route, judged, reports.get(route.shift.shift_id), colour, frame)
        for route, judged, colour in zip(scene.routes, scene.judged, colours, strict=True)
    ]
    # What is written stands above all lines.
    lines += [line for sketch in sketches for line in (*sketch.driven(), *sketch.ahead())]
    lines += [line for sketch in sketches for line in sketch.points()]
    for stop in scene.unserved:
        lines += _stop(stop, frame, LATE, [("no place yet", "halo late")], is_open=True)
    lines += _depots(scene.routes, frame)
    lines += [
        f'<text x="20" y="{MAP_HEIGHT + LINE * n}">{escape(note)}</text>' for n, note in enumerate(notes, 1)
    ]
    return "\n".join([*lines, "</svg>", ""])


def _arrows(colours: set[str]) -> Iterator[str]:
    for colour in sorted(colours):
        yield (
            f'<marker id="to-{colour[1:]}" viewBox="0 0 10 10" refX="19" refY="5" markerWidth="10" '
            f'markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
        )


class _Sketch:
    """One route's lines and points; without a report the vehicle stands at its start."""

    def __init__(
        self, route: Route, judged: RouteEvaluation, report: Progress | None, colour: str, frame: Frame
    ) -> None:
        self._shift, self._report, self._colour, self._frame = route.shift, report, colour, frame
        self._visits = {visit.stop_id: visit for visit in judged.visits}
        stops = [visit.stop for visit in route.visits]
        self._done = [stop for stop in stops if stop.stop_id not in self._visits]
        self._rest = [stop for stop in stops if stop.stop_id in self._visits]
        self._here = route.shift.start if report is None else report.location

    def driven(self) -> Iterator[str]:
        """From the start over what is done to where the vehicle is."""
        places = [self._shift.start, *(stop.location for stop in self._done), self._here]
        for origin, destination in pairwise(places):
            yield _leg(self._frame.at(origin), self._frame.at(destination), DRIVEN, 2)

    def ahead(self) -> Iterator[str]:
        """From there home; legs to what is frozen are dashed."""
        if not self._visits and not self._done:
            return
        frozen = () if self._report is None else self._report.frozen_stop_ids
        here = self._frame.at(self._here)
        for stop in self._rest:
            there = self._frame.at(stop.location)
            yield _leg(here, there, self._colour, 3, is_fixed=stop.stop_id in frozen)
            here = there
        yield _leg(here, self._frame.at(self._shift.end), self._colour, 3)

    def points(self) -> Iterator[str]:
        """The stops with what is to be said of them, and the vehicle."""
        for stop in self._done:
            yield from _stop(stop, self._frame, DRIVEN, [("done", "halo small")])
        for stop in self._rest:
            facts = _facts(stop, self._visits[stop.stop_id])
            yield from _stop(stop, self._frame, self._colour, facts)
        yield from _vehicle(self._shift.shift_id, self._frame.at(self._here), self._colour)


def _leg(
    start: tuple[int, int], end: tuple[int, int], colour: str, width: int, *, is_fixed: bool = False
) -> str:
    if start == end:
        return ""
    dashes = ' stroke-dasharray="7 5"' if is_fixed else ""
    return (
        f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="{colour}" '
        f'stroke-width="{width}"{dashes} marker-end="url(#to-{colour[1:]})"/>'
    )


def _facts(stop: Stop, visit: VisitEvaluation) -> list[tuple[str, str]]:
    """When it is reached, until when it was promised, and by how much that is missed."""
    facts = [(f"{visit.arrive_at:{CLOCK}}", "halo")]
    if stop.window is not None:
        facts.append((f"until {stop.window.closes_at:{CLOCK}}", "halo small"))
    if visit.lateness_s >= 1:
        facts.append((f"{in_words(visit.lateness_s)} late", "halo late"))
    return facts


def _stop(
    stop: Stop, frame: Frame, colour: str, facts: Sequence[tuple[str, str]], *, is_open: bool = False
) -> Iterator[str]:
    x, y = frame.at(stop.location)
    fill, stroke = (PAPER, colour) if is_open else (colour, PAPER)
    yield f'<circle cx="{x}" cy="{y}" r="8" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'
    yield from _label(x, y, stop.stop_id, facts)


def _label(x: int, y: int, name: str, facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Beside its point; above it near the upper edge, where routes come from below."""
    (first, style), *others = facts
    where, top = _corner(x, y, len(others))
    yield (
        f'<text class="{style}" {where} y="{top}">'
        f'<tspan font-weight="bold">{escape(name)}</tspan> {escape(first)}</text>'
    )
    for n, (words, each) in enumerate(others, 1):
        yield f'<text class="{each}" {where} y="{top + 14 * n}">{escape(words)}</text>'


def _corner(x: int, y: int, n_more: int) -> tuple[str, int]:
    """Where a label's lines begin, and the height of the first of them."""
    if y < HIGH:
        return f'x="{x}" text-anchor="middle"', y - 14 - 14 * n_more
    if x > WIDTH * 0.8:
        return f'x="{x - 13}" text-anchor="end"', y + 4
    return f'x="{x + 13}"', y + 4


def _vehicle(name: str, at: tuple[int, int], colour: str) -> Iterator[str]:
    x, y = at
    yield (
        f'<rect x="{x - 12}" y="{y - 30}" width="24" height="18" rx="4" fill="{colour}"/>'
        f'<path d="M{x - 5} {y - 12}L{x} {y - 4}L{x + 5} {y - 12}z" fill="{colour}"/>'
        f'<text class="tag" x="{x}" y="{y - 16}" text-anchor="middle">{escape(name)}</text>'
    )


def _depots(routes: Sequence[Route], frame: Frame) -> Iterator[str]:
    for place in dict.fromkeys(each for route in routes for each in (route.shift.start, route.shift.end)):
        x, y = frame.at(place)
        yield f'<rect x="{x - 9}" y="{y - 9}" width="18" height="18" fill="{INK}"/>'
        yield f'<text x="{x}" y="{y + 26}" text-anchor="middle">depot</text>'
