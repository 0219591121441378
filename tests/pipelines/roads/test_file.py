from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from pipelines.roads.file import read_roads, write_roads
from routing.errors import ConfigurationError
from routing.roads.contract import contract
from routing.roads.graph import RoadGraph
from tests.routing.roads.drawing import draw, road


@pytest.fixture
def graph() -> RoadGraph:
    return contract(draw("a b c", [road("a-b", 1), road("b-c", 2, highway="primary", maxspeed="70")])[0])


def test_a_graph_comes_back_as_it_was_written(graph: RoadGraph, tmp_path: Path) -> None:
    write_roads(graph, tmp_path / "town.roads")

    back = read_roads(tmp_path / "town.roads")

    for field in fields(RoadGraph):
        assert np.allclose(getattr(back, field.name), getattr(graph, field.name), rtol=0, atol=1e-7)
    assert [path.name for path in tmp_path.iterdir()] == ["town.roads"]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_a_file_that_is_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.roads"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"bad\.roads is no road graph: .*doorstep roads build"):
        read_roads(file)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_graph_is_refused(graph: RoadGraph, tmp_path: Path, share: float) -> None:
    file = tmp_path / "cut.roads"
    write_roads(graph, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(ConfigurationError, match="is no road graph"):
        read_roads(file)


def test_numpys_archive_of_other_things_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", speeds=np.arange(3))

    with pytest.raises(ConfigurationError, match=r"is no road graph: .*version"):
        read_roads(tmp_path / "other.npz")


def test_a_single_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.arange(3))

    with pytest.raises(ConfigurationError, match="is no road graph"):
        read_roads(tmp_path / "array.npy")


def test_a_graph_of_another_version_says_so(tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", version=np.array(0))

    with pytest.raises(ConfigurationError, match="is a road graph of version 0, not 1"):
        read_roads(tmp_path / "old.npz")


def test_where_no_file_can_be_written_or_read_it_is_named(graph: RoadGraph, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none/town\.roads can't be written: No such file"):
        write_roads(graph, tmp_path / "none" / "town.roads")
    with pytest.raises(ConfigurationError, match=r"town\.roads can't be read: No such file"):
        read_roads(tmp_path / "town.roads")
