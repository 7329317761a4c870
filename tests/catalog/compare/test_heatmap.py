"""Which cells of two feature maps correspond, and how that is painted."""

import cv2
import numpy as np

from catalog.compare.heatmap import STOPS, colours, correspondence, heat_png


def features(*cells: tuple[float, ...], shape: tuple[int, int] = (2, 2)) -> np.ndarray:
    return np.array(cells, np.float32).reshape(*shape, -1)


def test_a_cell_is_found_in_another_place() -> None:
    a = features((9, 0, 0), (0, 9, 0), (0, 0, 1), (0, 0, 1))
    b = features((0, 0, 1), (0, 0, 1), (0, 0, 1), (7, 0, 0))
    heat = correspondence(a, b)
    assert heat.dtype == np.float32
    assert heat[0, 0] == 1.0  # the same direction, though weaker and elsewhere
    assert heat[0, 1] == 0.0  # nothing like it in b


def test_weak_ground_stays_dark_though_it_is_the_same_in_both() -> None:
    a = features((9, 0), (0, 1), (0, 1), (0, 1))
    np.testing.assert_array_equal(correspondence(a, a) > 0.5, [[True, False], [False, False]])


def test_a_picture_without_ground_keeps_all_its_cells() -> None:
    a = features((5, 0), (0, 5), (5, 0), (0, 5))
    np.testing.assert_allclose(correspondence(a, a), 1.0)


def test_between_nothing_and_the_same() -> None:
    a, b = features((1, 0), shape=(1, 1)), features((0.65, float(np.sqrt(1 - 0.65**2))), shape=(1, 1))
    np.testing.assert_allclose(correspondence(a, b), 0.5, atol=1e-5)  # cosine 0.65 is half way from 0.35 to 0.95


def test_nothing_seen_is_no_heat() -> None:
    dark = np.zeros((2, 2, 3), np.float32)
    np.testing.assert_array_equal(correspondence(dark, dark), 0)
    assert np.isfinite(correspondence(features((1, 0), (0, 1), (1, 1), (1, 0)), np.zeros((2, 2, 2), np.float32))).all()


def test_maps_of_two_sizes() -> None:
    assert correspondence(np.ones((3, 4, 5), np.float32), np.ones((2, 2, 5), np.float32)).shape == (3, 4)


def test_the_scale_gets_lighter_all_the_way() -> None:
    shown = colours(np.linspace(0, 1, 50, dtype=np.float32))
    lightness = cv2.cvtColor(shown[np.newaxis], cv2.COLOR_RGB2LAB)[0, :, 0].astype(int)
    assert (np.diff(lightness) >= 0).all()
    assert lightness[-1] - lightness[0] > 150
    assert ["".join(f"{part:02x}" for part in rgb) for rgb in shown[[0, -1]]] == [STOPS[0], STOPS[-1]]


def test_painted_as_a_png_with_the_heat_where_it_is() -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[:, 4:] = 1
    png = cv2.imdecode(np.frombuffer(heat_png(heat, 64), np.uint8), cv2.IMREAD_COLOR)
    assert png is not None
    assert png.shape == (64, 64, 3)
    assert bytes(png[32, 60, ::-1]).hex() == STOPS[-1]
    assert bytes(png[32, 3, ::-1]).hex() == STOPS[0]
