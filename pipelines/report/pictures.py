"""The report's pictures, as SVG."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from io import StringIO

import h3
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from assets.kpi_reading import Kpi
from pipelines.report.facts import HourOfPromises, Zone

ON_TIME, LATE, NOT_DELIVERED = "#2a9d8f", "#e9c46a", "#c8553d"


def promises_by_hour(hours: Sequence[HourOfPromises]) -> str:
    """Stacked bars: what became of the promises due in each hour."""
    with _style():
        figure, axes = _figure("What became of the promises, by the hour in which they were due")
        at = [hour.hour for hour in hours]
        on_time = [hour.on_time for hour in hours]
        late = [hour.late for hour in hours]
        axes.bar(at, on_time, color=ON_TIME, label="on time")
        axes.bar(at, late, bottom=on_time, color=LATE, label="late")
        top = [a + b for a, b in zip(on_time, late, strict=True)]
        axes.bar(at, [h.not_delivered for h in hours], bottom=top, color=NOT_DELIVERED, label="not delivered")
        axes.set(xlabel="local hour", ylabel="orders", xticks=at)
        axes.legend(frameon=False)
        return _svg(figure)


def zones_by_on_time_rate(zones: Sequence[Zone]) -> str:
    """A map of H3 cells, coloured by on-time rate; the number is that of due orders."""
    with _style():
        figure, axes = _figure("On-time rate by zone; the number is how many orders were due", height=5.0)
        outlines = [[(lon, lat) for lat, lon in h3.cell_to_boundary(zone.cell)] for zone in zones]
        scale = ScalarMappable(Normalize(0.5, 1.0), "RdYlGn")
        colours = scale.to_rgba(np.array([zone.on_time / zone.orders for zone in zones]))
        axes.add_collection(PolyCollection(outlines, facecolors=colours, edgecolors="white"))
        for zone in zones:
            lat_deg, lon_deg = h3.cell_to_latlng(zone.cell)
            axes.text(lon_deg, lat_deg, str(zone.orders), ha="center", va="center", fontsize=6)
        axes.autoscale_view()
        axes.set(xlabel="longitude, degrees", ylabel="latitude, degrees")
        axes.set_aspect(1.5)
        figure.colorbar(scale, ax=axes, label="on-time rate", extend="min")
        return _svg(figure)


def bars_by_segment(rows: Sequence[Kpi], title: str) -> str:
    """Horizontal bars of one KPI over the values of a segment; at least one has a value."""
    with _style():
        known = [row for row in rows if row.value is not None]
        figure, axes = _figure(title, height=0.9 + 0.4 * len(known))
        bars = axes.barh(
            [row.segment_value for row in known], [row.value or 0.0 for row in known], color=ON_TIME
        )
        axes.bar_label(bars, fmt="%.2f", padding=3)
        axes.set_xlabel(known[0].unit_in_words)
        return _svg(figure)


def _style() -> AbstractContextManager[None]:
    """Text stays text, and the same figures give the same bytes."""
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "doorstep",
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )


def _figure(title: str, height: float = 3.2) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8.0, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11)
    return figure, axes


def _svg(figure: Figure) -> str:
    """The picture without XML prologue, to stand inside a page."""
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()[out.getvalue().index("<svg") :]
