"""OpenVINO: silent, never of another precision than it says, chosen by the processor and by a trial that is kept."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from indexing.engines import cached_engine, factory, make_engine, model_cache, openvino_engine, proof, trial
from indexing.engines.child import in_child
from indexing.engines.factory import candidates
from indexing.engines.model_cache import FORMATS, OPENVINO, converted
from indexing.engines.openvino_engine import OpenVinoEngine
from indexing.engines.processor import Precision, processor_name, usable_precisions
from indexing.engines.staged import join_precisions, split_precision
from indexing.engines.trial import Candidate, Trial, fastest
from indexing.errors import EngineError
from tests.indexing.small_networks import SMALL_VGG, pictures, seeded

AMX = "model name\t: Intel(R) Xeon(R)\nflags\t\t: fpu avx2 avx512f avx512_bf16 amx_bf16 amx_tile\n"
AVX512 = "model name\t: AMD EPYC 9\nflags\t\t: fpu avx2 avx512f avx512_bf16\n"
AVX2 = "model name\t: AMD EPYC\nflags\t\t: fpu avx2 fma\n"
MNN, F32, BF16 = Candidate("mnn", "float32"), Candidate("openvino", "float32"), Candidate("openvino", "bfloat16")


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Path]:
    """The small network, converted once for all tests: what converts → the folder."""
    folders = {kind.convert: tmp_path_factory.mktemp(kind.name) for kind in FORMATS.values()}
    for convert, folder in folders.items():
        in_child(convert, SMALL_VGG.graph, seeded(), folder)
    return folders


@pytest.fixture(autouse=True)
def children_here(monkeypatch: pytest.MonkeyPatch, conversions: dict[Any, Path]) -> None:
    """What is sent to a process of its own is computed in this one, or taken from above."""

    def here(function: Any, *args: Any) -> Any:
        if function in conversions:
            return shutil.copytree(conversions[function], args[2], dirs_exist_ok=True)
        return function(*args)

    for module in (factory, proof, model_cache):
        monkeypatch.setattr(module, "in_child", here)


def asks_of_the_network(folder: Path) -> list[str]:
    """What this process asks of sockets, and whom it starts to ask for it, while OpenVINO is loaded and runs."""
    asked: list[str] = []
    suspect = ("socket.", "os.fork", "os.posix_spawn", "subprocess.", "urllib.")
    sys.addaudithook(lambda event, args: asked.append(event) if event.startswith(suspect) else None)
    engine = OpenVinoEngine(SMALL_VGG, folder, 1)
    engine.run(pictures(1))
    loaded = [name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module]
    open_files = [str(path.readlink()) for path in Path("/proc/self/fd").glob("*") if path.is_symlink()]
    return asked + loaded + [name for name in open_files if name.startswith("socket:")]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open sockets are read from Linux's /proc")
def test_nothing_is_sent_anywhere(conversions: dict[Any, Path]) -> None:
    assert in_child(asks_of_the_network, conversions[openvino_engine.export]) == []


@pytest.mark.parametrize(
    ("description", "precisions"),
    [(AMX, ("float32", "bfloat16")), (AVX512, ("float32", "bfloat16")), (AVX2, ("float32",)), ("", ("float32",))],
)
def test_the_processors_units_tell_what_it_can_compute_in(description: str, precisions: tuple[Precision, ...]) -> None:
    assert usable_precisions(description) == precisions


def test_a_processor_is_named_with_the_units_that_matter() -> None:
    assert processor_name(AMX) == "Intel(R) Xeon(R), avx2, avx512f, avx512_bf16, amx_bf16"
    assert processor_name(AVX2) == "AMD EPYC, avx2"


@pytest.mark.parametrize(
    ("engine", "precision", "processor", "expected"),
    [
        ("auto", "auto", AMX, [[MNN, F32, BF16]]),
        ("auto", "auto", AVX2, [[MNN, F32]]),
        ("auto", "float32", AMX, [[MNN, F32]]),
        ("auto", "bfloat16", AMX, [[BF16], [MNN, F32]]),
        ("openvino", "auto", AMX, [[F32, BF16]]),
        ("openvino", "bfloat16", AMX, [[BF16], [F32]]),
        ("mnn", "auto", AMX, [[MNN]]),
    ],
)
def test_what_may_run_a_network(engine: str, precision: str, processor: str, expected: list[list[Candidate]]) -> None:
    assert candidates(engine, precision, processor) == expected


@pytest.mark.parametrize(
    ("engine", "processor", "reason"), [("auto", AVX2, "this processor has no units for it"), ("mnn", AMX, "mnn cannot")]
)
def test_a_precision_that_is_not_to_be_had_is_refused(engine: str, processor: str, reason: str) -> None:
    with pytest.raises(EngineError, match=f"computes in bfloat16: {reason}.* --precision float32"):
        candidates(engine, "bfloat16", processor)


def test_an_unknown_precision_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no precision 'int8': choose one of auto, float32, bfloat16"):
        make_engine("openvino", SMALL_VGG, seeded(), 1, tmp_path, precision="int8")


@pytest.mark.skipif("bfloat16" in usable_precisions(), reason="this processor computes in bfloat16")
def test_float32_is_never_called_bfloat16(tmp_path: Path) -> None:
    """OpenVINO computes in float32 without a word where a processor has no units for what was asked."""
    folder = converted(SMALL_VGG, seeded(), tmp_path, OPENVINO)
    with pytest.raises(EngineError, match="does not compute in bfloat16 on this processor"):
        OpenVinoEngine(SMALL_VGG, folder, 1, precision="bfloat16")


def test_a_model_that_is_none_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / openvino_engine.MODEL).write_bytes(b"no model")
    with pytest.raises(EngineError, match=r"cannot open .*network\.onnx .*--engine tensorflow"):
        OpenVinoEngine(SMALL_VGG, tmp_path, 1)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({MNN: 14, F32: 12, BF16: 85}, BF16),
        ({MNN: 14, F32: 5}, MNN),
        ({MNN: 100, F32: 109}, MNN),  # within the margin: noise must not decide
        ({MNN: 100, F32: 111}, F32),
        ({F32: 5, BF16: 4}, F32),
    ],
)
def test_the_fastest_is_taken_and_mnn_where_it_is_nearly_as_fast(rates: dict[Candidate, float], expected: Candidate) -> None:
    assert fastest({candidate: Trial(1.0, rate) for candidate, rate in rates.items()}) == expected


def test_what_fails_the_proof_is_never_taken() -> None:
    assert fastest({MNN: Trial(0.99995, 100), BF16: Trial(0.997, 500), F32: Trial(float("nan"), 900)}) == MNN
    assert fastest({BF16: Trial(0.997, 500)}) is None


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Candidate]:
    """Every candidate that is tried; OpenVINO turns out twice as fast as MNN."""
    calls: list[Candidate] = []

    def rate(engine: Any, batch: Any) -> float:
        calls.append(Candidate(engine.name, engine.precision))
        return {"mnn": 50.0, "openvino": 100.0}[engine.name]

    monkeypatch.setattr(trial, "_rate", rate)
    monkeypatch.setattr(factory, "usable_gpu", lambda: False)
    return calls


def test_auto_tries_once_and_says_what_it_took_how_fast_how_exact(tmp_path: Path, tried: list[Candidate]) -> None:
    engine = make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    assert (engine.name, engine.precision, tried) == ("openvino", "float32", [MNN, F32])
    assert "proved against TensorFlow on 4 pictures: cosine ≥ 0.99999" in engine.explanation
    assert "100 pictures a second in a trial here (MNN 50)" in engine.explanation
    again = make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    assert (again.name, again.explanation, tried) == ("openvino", engine.explanation, [MNN, F32])
    (models,) = [[path.name for path in (tmp_path / "models").iterdir() if path.is_dir()]]
    assert len(models) == 1  # what lost the trial does not keep half a gigabyte of disk
    assert "openvino" in models[0]


def test_the_site_takes_what_the_build_took(tmp_path: Path, tried: list[Candidate]) -> None:
    built = make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)
    of_the_site = cached_engine(SMALL_VGG, seeded().digest, tmp_path, threads=1)
    assert of_the_site is not None
    assert of_the_site.name == "openvino"
    assert of_the_site.run(pictures(2)).tobytes() == built.run(pictures(2)).tobytes()
    # An index of another precision than this processor has: float32 does.
    other = cached_engine(SMALL_VGG, seeded().digest, tmp_path, threads=1, precision="bfloat16")
    assert other is not None


def test_another_processor_is_tried_for_itself(tmp_path: Path, tried: list[Candidate], monkeypatch: pytest.MonkeyPatch) -> None:
    make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    monkeypatch.setattr(trial, "processor_name", lambda: "another processor")
    make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    assert tried == [MNN, F32] * 2


def test_a_candidate_that_cannot_be_opened_is_left_out(
    tmp_path: Path, tried: list[Candidate], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any) -> OpenVinoEngine:
        raise EngineError("not on this machine")

    monkeypatch.setattr(trial, "OpenVinoEngine", refuse)
    assert make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path).name == "mnn"
    assert "OpenVINO is left out: not on this machine" in caplog.text


class Bfloat16(OpenVinoEngine):
    """A stand-in for bfloat16 on a processor without it: float32 that says otherwise."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args[:4])
        self.precision = args[4] if len(args) > 4 else "float32"


@pytest.fixture
def amx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "usable_precisions", lambda *_: ("float32", "bfloat16"))
    monkeypatch.setattr(trial, "OpenVinoEngine", Bfloat16)


@pytest.mark.usefixtures("amx")
def test_bfloat16_that_passes_is_kept_apart_from_float32(tmp_path: Path) -> None:
    engine = make_engine("openvino", SMALL_VGG, seeded(), 1, tmp_path, precision="bfloat16")
    assert engine.precision == "bfloat16"
    assert cached_engine(SMALL_VGG, seeded().digest, tmp_path, threads=1) is None  # proved in bfloat16 only
    other = cached_engine(SMALL_VGG, seeded().digest, tmp_path, threads=1, precision="bfloat16")
    assert other is not None
    assert other.precision == "bfloat16"


@pytest.mark.usefixtures("amx")
def test_bfloat16_that_fails_gives_way_to_float32_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Bfloat16.outputs
    monkeypatch.setattr(
        Bfloat16, "outputs", lambda self, batch: honest(self, batch) + (300 if self.precision == "bfloat16" else 0)
    )
    engine = make_engine("openvino", SMALL_VGG, seeded(), 1, tmp_path, precision="bfloat16")
    assert engine.precision == "float32"
    assert "not OpenVINO in bfloat16, whose vectors differ" in engine.explanation


def test_precisions_of_stages_are_joined_and_split_again() -> None:
    assert join_precisions(["float32", "float32"]) == "float32"
    assert join_precisions(["float32", "bfloat16"]) == "float32+bfloat16"
    assert split_precision("float32+bfloat16", 2) == ["float32", "bfloat16"]
    assert split_precision("auto", 3) == ["auto"] * 3


def test_a_trial_that_is_kept_is_plain_to_read(tmp_path: Path, tried: list[Candidate]) -> None:
    make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    (path,) = (tmp_path / "models").glob("*-trials.json")
    record = json.loads(path.read_text())
    assert [(one["engine"], one["precision"], one["rate"]) for one in record["trials"]] == [
        ("mnn", "float32", 50.0),
        ("openvino", "float32", 100.0),
    ]
