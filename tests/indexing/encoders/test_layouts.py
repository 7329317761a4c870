"""The layouts that people publish are known by themselves; what is unclear is asked for; what is wrong is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from indexing.encoders.encoder import OpenedEncoder, open_encoder
from indexing.encoders.runtimes import OpenVinoModel
from indexing.encoders.words import clean
from indexing.engines import make_engine
from indexing.errors import EngineError, WeightsError
from tests.indexing.encoders import tiny_encoders as tiny

VISION = "onnx/vision_model.onnx"


def opened(folder: Path, output: str = "") -> OpenedEncoder:
    return open_encoder(f"onnx:{folder}{output}", folder / "cache")


def vector_of(found: OpenedEncoder, bgr: tuple[int, int, int], cache: Path) -> NDArray[np.float32]:
    engine = make_engine("auto", found.encoder, found.weights, 1, cache)
    picture = np.full((20, 30, 3), bgr, np.uint8)
    vector: NDArray[np.float32] = engine.run(found.encoder.prepare(picture)[np.newaxis])[0]
    return vector


def words_vector(found: OpenedEncoder, words: str) -> NDArray[np.float32]:
    tower = found.encoder.text
    assert tower is not None
    model = OpenVinoModel(tower.model, tower.output, tuple(name for name, _ in tower.inputs), 1)
    vector: NDArray[np.float32] = model.run(tower.encode(words))[0]
    return vector


@pytest.mark.parametrize(
    ("make", "layer", "words"),
    [
        (tiny.clip, "image_embeds", True),
        (lambda folder: tiny.clip(folder, joint=True), "image_embeds", True),
        (tiny.siglip, "pooler_output", True),
        (tiny.fashion_siglip, "image_embeds", True),
        (tiny.dinov2, "last_hidden_state, first token", False),
    ],
)
def test_a_published_layout_gives_vectors_of_length_one(
    make: Callable[[Path], Path], layer: str, words: bool, tmp_path: Path
) -> None:
    found = opened(make(tmp_path / "encoder"))
    assert (found.encoder.spec.layer, found.encoder.spec.dim, found.encoder.text is not None) == (layer, 6, words)
    vector = vector_of(found, (0, 0, 255), tmp_path)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-6)
    assert float(vector @ tiny.colour_vector("red")) > 0.99
    assert float(vector @ tiny.colour_vector("blue")) < 0


def test_a_vector_is_what_the_files_say_to_the_last_digits(tmp_path: Path) -> None:
    # SigLIP on plain red: (255/255 − ½) / ½ = 1, −1, −1 by channel, twice over, of length √6.
    vector = vector_of(opened(tiny.siglip(tmp_path / "s")), (0, 0, 255), tmp_path)
    assert vector.tolist() == pytest.approx(np.array([1, -1, -1, 1, -1, -1]) / np.sqrt(6), abs=1e-6)


def test_words_of_clip_are_cut_at_77_and_not_padded(tmp_path: Path) -> None:
    tower = opened(tiny.clip(tmp_path / "c")).encoder.text
    assert tower is not None
    ids = tower.encode("Red shirt")
    assert ids["input_ids"].tolist() == [[0, 2, 6, 1]]  # start, red, shirt, end
    assert ids["attention_mask"].tolist() == [[1, 1, 1, 1]]
    long = tower.encode("red " * 200)["input_ids"]
    assert long.shape == (1, 77)
    assert (long[0, 0], long[0, -1]) == (0, 1), "the end stays"


def test_words_of_siglip_are_always_64_padded(tmp_path: Path) -> None:
    found = opened(tiny.siglip(tmp_path / "s"))
    assert found.encoder.text is not None
    ids = found.encoder.text.encode("Red, DRESS!")["input_ids"]
    assert ids.shape == (1, 64)
    assert ids[0, :4].tolist() == [3, 6, 1, 0]  # red, dress, end, padding
    # Each of the 61 pads pulls the first number by a hundredth.
    assert words_vector(found, "red")[0] == pytest.approx(1 + 0.01 * 62)


def test_a_text_tower_of_one_length_is_filled_up(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    change(folder / "onnx/text_model.onnx", lambda model: set_lengths(model, 5))
    tower = opened(folder).encoder.text
    assert tower is not None
    ids = tower.encode("red")
    assert (ids["input_ids"].tolist(), ids["attention_mask"].tolist()) == ([[0, 2, 1, 1, 1]], [[1, 1, 1, 0, 0]])


def test_padding_stands_where_the_tokenizer_says(tmp_path: Path) -> None:
    folder = tiny.siglip(tmp_path / "s")
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"padding_side": "left"}))
    tower = opened(folder).encoder.text
    assert tower is not None
    assert tower.encode("red")["input_ids"][0, -3:].tolist() == [0, 3, 1]


@pytest.mark.parametrize(
    ("cleaning", "cleaned"), [("none", "A Red,  dress!"), ("lower", "a red,  dress!"), ("canonical", "a red dress")]
)
def test_words_are_cleaned_as_in_training(cleaning: Any, cleaned: str) -> None:
    assert clean("A Red,  dress!", cleaning) == cleaned


def test_siglip_2_keeps_punctuation(tmp_path: Path) -> None:
    tower = opened(tiny.siglip(tmp_path / "s", tokenizer_class="GemmaTokenizer")).encoder.text
    assert tower is not None
    assert tower.cleaning == "lower"


def test_an_output_can_be_asked_for(tmp_path: Path) -> None:
    folder = tiny.siglip(tmp_path / "s")
    found = opened(folder, "#last_hidden_state")
    assert found.encoder.spec.layer == "last_hidden_state, first token"
    assert found.encoder.text is None
    assert "no vector of words belongs to last_hidden_state" in found.explanation[0]


def rename_output(folder: Path, name: str) -> None:
    def renamed(model: Any) -> None:
        for node in model.graph.node:
            node.output[:] = [name if each == "image_embeds" else each for each in node.output]
        model.graph.output[0].name = name

    change(folder / VISION, renamed)


def test_an_only_output_of_any_name_is_the_vector(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    rename_output(folder, "features")
    assert opened(folder).encoder.output == "features"


def test_scores_of_classes_are_no_vector(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    rename_output(folder, "logits")
    with pytest.raises(WeightsError, match=r"unclear which output .* logits \(n × 6\).*--network onnx:…#logits"):
        opened(folder)
    assert opened(folder, "#logits").encoder.spec.dim == 6


def test_tokens_of_an_unknown_encoder_are_asked_for(tmp_path: Path) -> None:
    folder = tiny.dinov2(tmp_path / "d")
    (folder / "config.json").write_text('{"model_type": "newer"}')
    with pytest.raises(WeightsError, match=r"unclear .*last_hidden_state \(n × 2 × 6\).*#last_hidden_state \(of tokens"):
        opened(folder)
    assert opened(folder, "#last_hidden_state").encoder.first_token


def test_an_output_that_is_not_there_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"has no output 'x': it has image_embeds \(n × 6\)"):
        opened(tiny.clip(tmp_path / "c"), "#x")


def test_a_folder_of_its_own_numbers_may_be_moved(tmp_path: Path) -> None:
    first = opened(tiny.clip(tmp_path / "c"))
    shutil.move(tmp_path / "c", tmp_path / "moved")
    moved = opened(tmp_path / "moved")
    assert (first.weights.digest, first.encoder.spec) == (moved.weights.digest, moved.encoder.spec)


def test_numbers_beside_the_file_are_a_part_of_it(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    tiny.move_numbers_out(folder / VISION, "vision.data")
    first = opened(folder)
    assert first.weights.reader.names == (VISION, "onnx/vision.data")  # type: ignore[attr-defined]
    assert float(vector_of(first, (0, 0, 255), tmp_path) @ tiny.colour_vector("red")) > 0.99
    data = bytearray((folder / "onnx/vision.data").read_bytes())
    data[3] ^= 64
    (folder / "onnx/vision.data").write_bytes(data)
    assert opened(folder).weights.digest != first.weights.digest


def change(path: Path, edit: Callable[[Any], object]) -> None:
    model = onnx.load(path, load_external_data=False)
    edit(model)
    path.write_bytes(model.SerializeToString())


def set_lengths(model: Any, length: int) -> None:
    for value in model.graph.input:
        value.type.tensor_type.shape.dim[1].dim_value = length


def point_at(location: str) -> Callable[[Any], None]:
    def edit(model: Any) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    return edit


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret", ""])
def test_numbers_outside_the_folder_are_refused(location: str, tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    (tmp_path / "secret").write_bytes(bytes(1000))
    change(folder / VISION, point_at(location))
    with pytest.raises(WeightsError, match=r"vision_model.onnx keeps numbers in .*leads out of its folder"):
        opened(folder)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    (tmp_path / "secret").write_bytes(bytes(1000))
    (folder / "onnx/numbers").symlink_to(tmp_path / "secret")
    change(folder / VISION, point_at("numbers"))
    with pytest.raises(WeightsError, match=r"keeps numbers in numbers, which leads out of"):
        opened(folder)


def test_numbers_in_a_graph_within_a_graph_are_found(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")

    def hide(model: Any) -> None:
        inner = helper.make_graph([helper.make_node("Identity", ["w"], ["o"])], "inner", [], [])
        inner.initializer.add().CopyFrom(model.graph.initializer[0])
        point_at("../secret")(helper.make_model(inner))
        model.graph.node.append(helper.make_node("If", ["c"], ["r"], then_branch=inner))
        tensor = model.graph.node[-1].attribute[0].g.initializer[0]
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../secret")

    change(folder / VISION, hide)
    with pytest.raises(WeightsError, match="leads out of its folder"):
        opened(folder)


def write(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (write(VISION, b""), r"vision_model.onnx has 0 bytes"),
        (write(VISION, b"\x08\x08"), r"vision_model.onnx is no ONNX file: it holds no graph"),
        (write(VISION, b"<html>not a model</html>"), r"vision_model.onnx is no ONNX file"),
        (write(VISION, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), r"vision_model.onnx is no ONNX file"),
        (lambda folder: (folder / VISION).unlink(), r"keep the one to use|reads input_ids"),
        (write("preprocessor_config.json", b"{"), r"preprocessor_config.json is not JSON"),
        (write("preprocessor_config.json", b"[]"), r"preprocessor_config.json holds no JSON object"),
        (write("preprocessor_config.json", b"[" * 100_000), r"preprocessor_config.json is not JSON"),
        (lambda folder: (folder / "preprocessor_config.json").unlink(), r"has no preprocessor_config.json and no open_clip"),
        (write("tokenizer.json", b"{}"), r"tokenizer.json is no tokenizer that can be read"),
        (write("preprocessor_config.json", json.dumps(tiny.clip_preprocessor(9)).encode()),
         r"reads pixel_values \(n × 3 × 8 × 8\), but its preprocessing makes 3 × 9 × 9"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_in_one_line(spoil: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    spoil(folder)
    with pytest.raises(WeightsError, match=message) as caught:
        opened(folder)
    assert "\n" not in str(caught.value)


def test_a_graph_that_does_not_run_is_named_in_one_line(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    change(folder / VISION, lambda model: setattr(model.graph.node[0], "op_type", "NoSuchThing"))
    found = opened(folder)
    with pytest.raises(EngineError, match=r"OpenVINO cannot open .*vision_model.onnx: .+") as caught:
        make_engine("auto", found.encoder, found.weights, 1, tmp_path)
    assert "\n" not in str(caught.value)


def test_what_reads_more_than_pixels_is_refused(tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    mask = helper.make_tensor_value_info("pixel_attention_mask", TensorProto.INT64, ["n", 4])
    change(folder / VISION, lambda model: model.graph.input.append(mask))
    with pytest.raises(WeightsError, match=r"an image encoder reads pixel_values alone .*not NaFlex"):
        opened(folder)


@pytest.mark.parametrize("missing", ["tokenizer.json", "onnx/text_model.onnx"])
def test_without_all_of_a_text_tower_pictures_still_work(missing: str, tmp_path: Path) -> None:
    folder = tiny.clip(tmp_path / "c")
    (folder / missing).unlink()
    found = opened(folder)
    assert found.encoder.text is None
    assert (
        f"no search by words (it has no {missing.rpartition('/')[2]}" in found.explanation[0] or missing in found.explanation[0]
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("onnx:/nowhere/at/all", "/nowhere/at/all: there is no such folder"),
        ("onnx:", "names neither a folder nor a repository"),
        ("onnx:clip", "'onnx:clip' names neither a folder nor a repository"),
        ("onnx:a/b/c", "names neither"),
        ("onnx:a/..", "names neither"),
        ("onnx:a/b@../x", "names neither"),
    ],
)
def test_a_name_that_names_nothing_is_told(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=message):
        open_encoder(name, tmp_path)
