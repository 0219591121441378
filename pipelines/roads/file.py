"""A built road graph in a file: numpy's compressed arrays, with a version."""

import zipfile
import zlib
from pathlib import Path
from typing import Final

import numpy as np

from routing.errors import ConfigurationError
from routing.roads.graph import RoadGraph

VERSION: Final = 1
DEGREES: Final = 1e-7
"""Positions are whole numbers of these, as in the map."""

UNREADABLE: Final = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy raises for files that are none of its own, cut, damaged, or lack an array."""


def write_roads(graph: RoadGraph, path: Path) -> None:
    """Write the graph. Raises ``ConfigurationError`` where the file can't be written."""
    draft = path.with_name(path.name + ".draft")
    try:
        with draft.open("wb") as file:
            np.savez_compressed(
                file,
                version=np.array(VERSION),
                n_junctions=np.array(graph.n_junctions),
                edge_tail=graph.edge_tail,
                edge_shape=graph.edge_shape,
                shape_head=graph.shape_head,
                first_point=graph.first_point,
                twin=graph.twin,
                lat_e7=np.rint(graph.lat_deg / DEGREES).astype(np.int32),
                lon_e7=np.rint(graph.lon_deg / DEGREES).astype(np.int32),
                speed_mps=graph.speed_mps,
                road_class=graph.road_class,
            )
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigurationError(f"{path} can't be written: {error.strerror}") from error


def read_roads(path: Path) -> RoadGraph:
    """The graph in a file. Raises ``ConfigurationError`` that says what is wrong with it."""
    wanted = "`doorstep roads build` makes one from an OpenStreetMap extract"
    try:
        # numpy leaves a file open that it finds unreadable.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if file["version"] != VERSION:
                raise ConfigurationError(
                    f"{path} is a road graph of version {file['version']}, not {VERSION}; {wanted}"
                )
            return RoadGraph(
                n_junctions=int(file["n_junctions"]),
                edge_tail=file["edge_tail"],
                edge_shape=file["edge_shape"],
                shape_head=file["shape_head"],
                first_point=file["first_point"],
                twin=file["twin"],
                lat_deg=file["lat_e7"] * DEGREES,
                lon_deg=file["lon_e7"] * DEGREES,
                speed_mps=file["speed_mps"],
                road_class=file["road_class"],
            )
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}; {wanted}") from error
    except UNREADABLE as error:
        raise ConfigurationError(f"{path} is no road graph: {error}; {wanted}") from error
