import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streams.lake.cells import cell_numbers, cell_texts
from streams.lake.schema import H3_RESOLUTION


def by_the_library(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> list[str]:
    positions = zip(lat_deg.tolist(), lon_deg.tolist(), strict=True)
    return [h3.latlng_to_cell(lat, lon, H3_RESOLUTION) for lat, lon in positions]


@settings(max_examples=60)
@given(
    lat_deg=st.floats(-90, 90),
    lon_deg=st.floats(-180, 180),
    spread_deg=st.sampled_from([1e-9, 1e-4, 0.01, 0.5]),
    seed=st.integers(0, 99),
)
def test_any_positions_have_the_cells_that_the_library_gives(
    lat_deg: float, lon_deg: float, spread_deg: float, seed: int
) -> None:
    near = np.random.default_rng(seed).normal(0, spread_deg, (2, 300))
    lat = np.clip(lat_deg + near[0], -90, 90)
    lon = np.clip(lon_deg + near[1], -180, 180)

    assert cell_texts(lat, lon).to_pylist() == by_the_library(lat, lon)


@pytest.mark.parametrize("face", range(0, 20, 3))
def test_around_the_edges_of_the_icosahedron_the_cells_are_the_librarys(face: int) -> None:
    crossing = [cell for cell in h3.get_res0_cells() if face in h3.get_icosahedron_faces(cell)]
    corners = [corner for cell in crossing for corner in h3.cell_to_boundary(cell)]
    near = np.random.default_rng(face).normal(0, 0.01, (len(corners), 60, 2))
    positions = (np.array(corners)[:, None, :] + near).reshape(-1, 2)
    lat, lon = np.clip(positions[:, 0], -90, 90), np.clip(positions[:, 1], -180, 180)

    assert cell_texts(lat, lon).to_pylist() == by_the_library(lat, lon)


@settings(max_examples=40)
@given(lat_deg=st.floats(-84.9, 84.9), lon_deg=st.floats(-179, 179), share=st.floats(0, 1))
def test_a_hairs_breadth_beside_an_edge_is_told_right(lat_deg: float, lon_deg: float, share: float) -> None:
    corners = np.array(h3.cell_to_boundary(h3.latlng_to_cell(lat_deg, lon_deg, H3_RESOLUTION)))
    on_edges = corners + share * (np.roll(corners, -1, axis=0) - corners)
    middle = corners.mean(axis=0)
    outwards = np.concatenate([1 + part * 1e-3 for part in [np.linspace(-1, 1, 21)]])
    positions = (middle + outwards[:, None, None] * (on_edges - middle)).reshape(-1, 2)
    lat, lon = positions[:, 0].copy(), positions[:, 1].copy()

    assert cell_texts(lat, lon).to_pylist() == by_the_library(lat, lon)


def test_hardly_a_position_on_land_needs_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    lat, lon = 52 + rng.random(4000) * 2, 5 + rng.random(4000) * 2
    cell_numbers(lat, lon)
    asked: list[float] = []
    real = h3_numbers.latlng_to_cell

    def counted(lat_deg: float, lon_deg: float, resolution: int) -> int:
        asked.append(lat_deg)
        return int(real(lat_deg, lon_deg, resolution))

    monkeypatch.setattr(h3_numbers, "latlng_to_cell", counted)
    cell_numbers(lat, lon)

    assert len(asked) < 5


def test_all_over_the_earth_the_cells_are_the_librarys_also_where_pentagons_are() -> None:
    rng = np.random.default_rng(2)
    pentagons = np.array([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)])
    near = (pentagons[:, None, :] + rng.normal(0, 0.3, (12, 50, 2))).reshape(-1, 2)
    lat = np.concatenate([np.degrees(np.arcsin(rng.uniform(-1, 1, 5000))), near[:, 0]])
    lon = np.concatenate([rng.uniform(-180, 180, 5000), near[:, 1]])

    assert cell_texts(lat, lon).to_pylist() == by_the_library(lat, lon)
