"""A town of two streets and some things that are no roads for a van, as OpenStreetMap's XML."""

from pathlib import Path

from tests.factories import place

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="hand">
{nodes}
  <node id="99" lat="52.1" lon="5.1"/>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="secondary"/><tag k="maxspeed" v="50"/></way>
  <way id="2"><nd ref="3"/><nd ref="4"/>
    <tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
  <way id="3"><nd ref="4"/><nd ref="1"/><tag k="highway" v="residential"/></way>
  <way id="4"><nd ref="1"/><nd ref="5"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
  <way id="5"><nd ref="2"/><nd ref="6"/><tag k="route" v="ferry"/><tag k="motor_vehicle" v="yes"/></way>
  <way id="6"><nd ref="2"/><nd ref="7"/><nd ref="8"/><nd ref="404"/><tag k="highway" v="service"/></way>
  <way id="7"><nd ref="5"/><nd ref="6"/><tag k="highway" v="footway"/></way>
  <relation id="1">
    <member type="way" ref="1" role="from"/><member type="node" ref="{via}" role="via"/>
    <member type="way" ref="{to}" role="to"/>
    <tag k="type" v="restriction"/><tag k="restriction" v="{restriction}"/>{more}
  </relation>
</osm>
"""

SPOTS = {
    1: (0, 0),
    2: (100, 0),
    3: (200, 0),
    4: (200, 100),
    5: (0, -100),
    6: (100, -100),
    7: (100, 50),
    8: (100, 90),
}
"""Metres east and north of 52 N 5 E."""


def write_town(
    path: Path,
    bollard: bool = False,
    restriction: str = "no_left_turn",
    more: str = "",
    via: int = 2,
    to: int = 6,
) -> Path:
    """The town in a file, if wanted with a bollard in its yard, or with another restriction from way 1."""
    nodes = []
    for number, spot in SPOTS.items():
        at = place(*spot)
        inner = '<tag k="barrier" v="bollard"/>' if bollard and number == 7 else ""
        nodes.append(f'  <node id="{number}" lat="{at.lat_deg:.7f}" lon="{at.lon_deg:.7f}">{inner}</node>')
    path.write_text(TOWN.format(nodes="\n".join(nodes), restriction=restriction, more=more, via=via, to=to))
    return path
