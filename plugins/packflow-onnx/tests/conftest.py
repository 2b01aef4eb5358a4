"""What the tests share: small models made here, and models that others trained and ship in their wheels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

Shape = Sequence[int | str | None]


class Models:
    """Writes small ONNX models into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(
        self,
        nodes: Sequence[tuple[str, list[str], list[str]]],
        inputs: dict[str, tuple[int, Shape]],
        outputs: dict[str, tuple[int, Shape]],
    ) -> Path:
        """Write a model of nodes, each an operator with the names of its inputs and outputs."""
        graph = helper.make_graph(
            [helper.make_node(operator, given, made) for operator, given, made in nodes],
            "made",
            [helper.make_tensor_value_info(name, kind, list(shape)) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(name, kind, list(shape)) for name, (kind, shape) in outputs.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        path = self._folder / f"model-{len(list(self._folder.iterdir()))}.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    def identity(self, kind: int = TensorProto.FLOAT, shape: Shape = ("n", 3)) -> Path:
        return self.save([("Identity", ["x"], ["y"])], {"x": (kind, shape)}, {"y": (kind, shape)})

    def sum(self) -> Path:
        """Two inputs of two numbers each, and three outputs."""
        pair = (TensorProto.FLOAT, ("n", 2))
        return self.save(
            [("Add", ["a", "b"], ["total"]), ("Sub", ["a", "b"], ["difference"]), ("Neg", ["a"], ["opposite"])],
            {"a": pair, "b": pair},
            {"total": pair, "difference": pair, "opposite": pair},
        )


@pytest.fixture
def models(tmp_path: Path) -> Models:
    folder = tmp_path / "models"
    folder.mkdir()
    return Models(folder)


@pytest.fixture
def by_hand() -> Callable[[Path, dict[str, Any]], list[Any]]:
    """Run a model with nothing but ONNX Runtime."""

    def run(path: Path, feed: dict[str, Any]) -> list[Any]:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        results: list[Any] = session.run(None, feed)
        return results

    return run


def inside(package: str, file: str) -> Path:
    """Give a file that a package ships, without importing the package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / file


@pytest.fixture(scope="session")
def file_types() -> Path:
    """Magika's model: 2,048 bytes of a file in, 214 scores of file types out."""
    return inside("magika", "models/standard_v3_3/model.onnx")


@pytest.fixture(scope="session")
def speech() -> Path:
    """Silero's model of speech: sound, a state and a sample rate in; how much it is speech, and the next state, out."""
    return inside("silero_vad", "data/silero_vad.onnx")


@pytest.fixture(scope="session")
def bytes_of_files() -> list[dict[str, Any]]:
    """Records for that model: the first bytes of files of this installation."""
    files = sorted(inside("onnx", "").glob("*.py"))[:12]
    return [{"name": file.name, "bytes": (list(file.read_bytes()[:2048]) + [256] * 2048)[:2048]} for file in files]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(20)
