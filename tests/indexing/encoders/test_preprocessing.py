"""An encoder's own preprocessing files, honoured to the level: every number here is worked out by hand."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.encoders.preprocessing import MOST_ASPECT, Preprocessing, read_open_clip, read_preprocessing
from indexing.errors import WeightsError
from tests.indexing.encoders.tiny_encoders import CLIP_MEAN, CLIP_STD, clip_preprocessor, siglip_preprocessor

RAMP = (0, 70, 140, 210)
PLAIN = {"do_rescale": False, "do_normalize": False}


def read(**changes: Any) -> Preprocessing:
    return read_preprocessing(siglip_preprocessor(2) | changes, "preprocessor_config.json")


def columns(*levels: int, height: int = 2) -> NDArray[np.uint8]:
    """Grey BGR pixels whose columns have these levels."""
    return np.broadcast_to(np.array(levels, np.uint8)[None, :, None], (height, len(levels), 3)).copy()


@pytest.mark.parametrize(
    ("resample", "levels"),
    [
        (0, [70, 210]),  # the pixels in which the new centres, 1 and 3, lie
        (2, [50, 160]),  # (3·0 + 3·70 + 140) / 7
        (3, [41, 169]),  # Keys' cubic, a = −½: (0.8672·70 + 0.2266·140 − 0.0703·210) / 1.8906 = 41.07
        (4, [35, 175]),  # means of two
    ],
)
def test_each_resampling_is_pillows(resample: int, levels: list[int]) -> None:
    prepared = read(resample=resample, **PLAIN).prepare(columns(*RAMP, height=4))
    assert prepared.dtype == np.float32
    assert prepared.shape == (3, 2, 2)
    assert prepared[0, 0].tolist() == levels


def test_channels_are_red_green_blue_scaled_and_normalised_each_by_its_own() -> None:
    bgr = np.full((2, 2, 3), (51, 102, 255), np.uint8)  # red 255
    prepared = read(image_mean=[0.5, 0.2, 0.1], image_std=[0.25, 0.5, 0.1]).prepare(bgr)
    assert prepared[:, 0, 0].tolist() == pytest.approx([(1 - 0.5) / 0.25, (0.4 - 0.2) / 0.5, (0.2 - 0.1) / 0.1])


def test_channel_order_can_be_turned() -> None:
    bgr = np.full((2, 2, 3), (51, 102, 255), np.uint8)
    assert read(do_flip_channel_order=True, **PLAIN).prepare(bgr)[:, 0, 0].tolist() == [51, 102, 255]


def test_another_scale_is_taken_as_it_is() -> None:
    assert read(rescale_factor=0.5, do_normalize=False).prepare(columns(10, 20))[0, 0].tolist() == [5, 10]


def clip(**changes: Any) -> Preprocessing:
    return read_preprocessing(clip_preprocessor(2) | PLAIN | changes, "preprocessor_config.json")


def open_clip(**changes: Any) -> Preprocessing:
    model = {"vision_cfg": {"image_size": 2}}
    return read_open_clip({"model_cfg": model, "preprocess_cfg": {"mean": [0, 0, 0], "std": [1 / 255] * 3} | changes}, "open")


def test_the_middle_is_rounded_as_each_library_does() -> None:
    picture = columns(0, 51, 102, 153, 204)  # already 2 high: three columns too many
    assert clip().prepare(picture)[0, 0].tolist() == [51, 102]  # transformers: 3 // 2
    assert open_clip().prepare(picture)[0, 0].round().tolist() == [102, 153]  # torchvision: round(1.5)


def test_the_shorter_side_is_what_is_given_and_the_longer_one_rounded_down() -> None:
    tall = clip(size={"shortest_edge": 2}, crop_size=3).prepare(np.full((5, 3, 3), 9, np.uint8))
    # 3 × 5 becomes 2 × 3 (2 · 5 / 3 = 3.33): a column of zeros is added before it.
    assert tall[0].tolist() == [[0, 9, 9]] * 3
    shorter = clip(size={"shortest_edge": 2})
    assert shorter._resized(np.zeros((5, 3, 3), np.uint8)).shape == (3, 2, 3)
    assert shorter._resized(np.zeros((3, 5, 3), np.uint8)).shape == (2, 3, 3)


def test_open_clip_squashes_where_it_says_so() -> None:
    assert open_clip(resize_mode="squash", interpolation="bilinear").prepare(columns(*RAMP, height=4))[
        0, 0
    ].round().tolist() == [
        50,
        160,
    ]


def test_open_clips_defaults_are_those_of_openai() -> None:
    settings = read_open_clip({"model_cfg": {"vision_cfg": {"image_size": 224}}}, "open")
    assert settings == Preprocessing(224, 3, (224, 224), "even", 1 / 255, tuple(CLIP_MEAN), tuple(CLIP_STD))  # type: ignore[arg-type]


def test_an_old_clip_file_says_numbers_only() -> None:
    old = {"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224}
    expected = {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}}
    assert read_preprocessing(old, "old") == read_preprocessing(clip_preprocessor() | expected, "new")


def test_a_silent_siglip_file_means_the_processors_defaults() -> None:
    assert read_preprocessing({"image_processor_type": "SiglipImageProcessorFast", "do_convert_rgb": None}, "silent") == (
        read_preprocessing(siglip_preprocessor(224), "whole")
    )


def test_steps_that_are_off_are_left_away() -> None:
    settings = {"do_resize": False, "do_center_crop": True, "crop_size": 2, **PLAIN}
    assert read_preprocessing(settings, "x").prepare(columns(1, 2, 3, 4))[0].tolist() == [[2, 3], [2, 3]]


def test_a_strip_is_cut_before_it_is_enlarged() -> None:
    strip = np.zeros((1, 3_000_000, 3), np.uint8)
    assert clip().prepare(strip).shape == (3, 2, 2)
    assert clip()._resized(strip).shape == (2, 2 * MOST_ASPECT, 3)


def test_whatever_changes_pixels_changes_the_name() -> None:
    ways: list[dict[str, Any]] = [
        {}, {"resample": 2}, {"size": {"height": 2, "width": 3}}, {"image_mean": [0.5, 0.5, 0.4]},
        {"image_std": [0.5, 0.5, 0.4]},
        {"rescale_factor": 1.0}, {"do_normalize": False}, {"do_flip_channel_order": True},
        {"do_center_crop": True, "crop_size": 2}, {"do_resize": False, "do_center_crop": True, "crop_size": 2},
        {"size": {"shortest_edge": 2}, "do_center_crop": True, "crop_size": 2},
    ]  # fmt: skip
    found = {read(**way).name for way in ways} | {open_clip().name}
    assert len(found) == len(ways) + 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"do_pad": True}, "asks for do_pad, which is not known here"),
        ({"crop_pct": 0.9}, "asks for crop_pct"),
        ({"resample": 7}, "resample is 7, not one of Pillow's numbers 0 to 5"),
        ({"resample": "bicubic"}, "resample is 'bicubic'"),
        ({"size": {"shortest_edge": 2}}, "makes pictures of no fixed size"),
        ({"size": {"longest_edge": 2}}, "size is {'longest_edge': 2}: use a number, height and width, or shortest_edge"),
        ({"size": 100_000}, "size is"),
        ({"size": True}, "size is True"),
        ({"image_mean": [0.5, 0.5]}, "image_mean is .*three numbers are needed"),
        ({"image_mean": [0.5, float("nan"), 0.5]}, "image_mean holds 'nan', which is no number"),
        ({"image_std": [0.5, 0, 0.5]}, "image_std holds 0, and pixels are divided by it"),
        ({"rescale_factor": "x"}, "rescale_factor holds 'x', which is no number"),
    ],
)
def test_what_cannot_be_honoured_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WeightsError, match=f"^preprocessor_config.json.*{message}"):
        read(**changes)


@pytest.mark.parametrize(
    "changes", [{"resize_mode": "longest"}, {"interpolation": "nearest"}, {"size": "x"}, {"std": [1, 1, 0]}]
)
def test_what_open_clip_asks_for_and_is_not_known_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"^open"):
        open_clip(**changes)


def test_an_unknown_processor_must_say_all_of_it() -> None:
    settings = siglip_preprocessor(2) | {"image_processor_type": "OtherImageProcessor"}
    assert read_preprocessing(settings, "x").prepare(columns(255, 255))[0].tolist() == [[1, 1], [1, 1]]
    del settings["image_mean"]
    with pytest.raises(WeightsError, match="image_mean is None"):
        read_preprocessing(settings, "x")
