"""ONNX Runtime: a small network, a larger one, and magika's model of file types, which comes in its wheel."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from packflow_onnx import OnnxBackend
from rounds import Model, Record, fields, numbers, run, vector

FEATURES = fields(10)


def network(folder: Path, *widths: int) -> Path:
    """Write a network of linear layers with rectifiers between them."""
    source = np.random.default_rng(1)
    nodes, weights, given = [], [], "x"
    for layer, shape in enumerate(pairwise(widths)):
        values = source.normal(0, shape[0] ** -0.5, shape).astype("float32")
        weights.append(numpy_helper.from_array(values, f"w{layer}"))
        last = layer == len(widths) - 2
        nodes.append(helper.make_node("MatMul", [given, f"w{layer}"], ["y" if last else f"m{layer}"]))
        if not last:
            nodes.append(helper.make_node("Relu", [f"m{layer}"], [f"r{layer}"]))
            given = f"r{layer}"
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", widths[0]])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", widths[-1]])]
    graph = helper.make_graph(nodes, "network", inputs, outputs, weights)
    path = folder / f"network-{widths[0]}.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def called(path: Path) -> Any:
    session = onnxruntime.InferenceSession(path)
    (given,), (output,) = session.get_inputs(), session.get_outputs()
    return lambda batch: session.run([output.name], {given.name: batch})[0]


def lay_out(records: list[Record]) -> Any:
    return np.array([[record[name] for name in FEATURES] for record in records], dtype=np.float32)


def lay_out_vectors(records: list[Record]) -> Any:
    return np.array([record["x"] for record in records], dtype=np.float32)


def lay_out_bytes(records: list[Record]) -> Any:
    return np.array([record["bytes"] for record in records], dtype=np.int32)


def read(result: Any) -> list[Record]:
    return [{"y": row} for row in result.tolist()]


def read_types(result: Any) -> list[Record]:
    return [{"target_label": row} for row in result.tolist()]


def bytes_of_a_file(source: random.Random) -> Record:
    return {"bytes": list(source.randbytes(2048))}


def models(folder: Path) -> Iterator[Model]:
    small = network(folder, 10, 64, 64, 3)
    backends: dict[str, Any] = {
        "packflow": OnnxBackend(model_path=small, feature_names=FEATURES, verbose=False),
        "packflow, numpy": OnnxBackend(
            model_path=small, feature_names=FEATURES, input_format="numpy", numpy_dtype="float32", verbose=False
        ),
    }
    yield Model("MLP 10-64-64-3", numbers(10), lay_out, called(small), read, backends)
    large = network(folder, 256, 1024, 1024, 1024, 10)
    backend = OnnxBackend(model_path=large, inputs={"x": "x"}, verbose=False)
    yield Model("MLP 256-1024-1024-1024-10", vector(256), lay_out_vectors, called(large), read, {"packflow": backend})
    found = find_spec("magika")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "models/standard_v3_3/model.onnx"
        backend = OnnxBackend(model_path=path, inputs={"bytes": "bytes"}, verbose=False)
        ways = {"packflow": backend}
        # A batch of 10,000 would take tens of gigabytes, whoever calls it.
        yield Model("magika", bytes_of_a_file, lay_out_bytes, called(path), read_types, ways, sizes=(1, 100))


if __name__ == "__main__":
    run(models)
