"""The same rows through packflow and through ONNX Runtime by hand give equal outputs, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from packflow_onnx import OnnxBackend
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from packflow.loaders import ModuleLoader


def load(**settings: Any) -> Any:
    return ModuleLoader("onnx").load(verbose=False, **settings)


def test_a_model_that_others_trained_knows_files_by_their_bytes(file_types: Path, bytes_of_files: Any, by_hand: Any):
    backend = load(model_path=file_types)
    (expected,) = by_hand(file_types, {"bytes": np.array([row["bytes"] for row in bytes_of_files], np.int32)})
    assert backend(bytes_of_files) == [{"target_label": scores} for scores in expected.tolist()]
    assert (
        backend(bytes_of_files[0])["target_label"]
        == by_hand(file_types, {"bytes": np.array([bytes_of_files[0]["bytes"]], np.int32)})[0][0].tolist()
    )


def test_a_model_of_speech_has_a_batch_along_the_second_axis_and_a_constant(speech: Path, by_hand: Any, random: Any):
    sound = random.standard_normal((3, 512)).astype(np.float32)
    state = random.standard_normal((2, 3, 128)).astype(np.float32)
    backend = load(
        model_path=speech,
        inputs={"input": "sound"},
        constants={"sr": 16000},
        batch_axes={"state": 1, "stateN": 1},
        session_options={"log_severity_level": 3},
    )
    rows = backend([{"sound": sound[row].tolist(), "state": state[:, row].tolist()} for row in range(3)])
    spoken, after = by_hand(speech, {"input": sound, "state": state, "sr": np.array(16000, np.int64)})
    assert [row["output"] for row in rows] == spoken[:, 0].tolist()
    assert [row["stateN"] for row in rows] == [after[:, row].tolist() for row in range(3)]


@pytest.fixture
def iris(tmp_path: Path) -> tuple[Path, list[dict[str, Any]], Any]:
    from skl2onnx import to_onnx

    data = load_iris()
    model = LogisticRegression(max_iter=500).fit(data.data, data.target_names[data.target])
    path = tmp_path / "iris.onnx"
    path.write_bytes(to_onnx(model, data.data[:1].astype(np.float32)).SerializeToString())
    return path, [dict(zip(("a", "b", "c", "d"), row, strict=True)) for row in data.data.tolist()], data.data


def test_a_classifier_gives_labels_and_a_map_of_probabilities(iris: Any, by_hand: Any):
    path, records, data = iris
    labels, probabilities = by_hand(path, {"X": data.astype(np.float32)})
    expected = [
        {"output_label": str(label), "output_probability": by_class}
        for label, by_class in zip(labels, probabilities, strict=True)
    ]
    assert load(model_path=path, inputs={"X": ["a", "b", "c", "d"]})(records) == expected
    assert load(model_path=path, feature_names=["a", "b", "c", "d"])(records) == expected
    by_array = load(model_path=path, input_format="numpy", feature_names=["a", "b", "c", "d"])
    assert by_array(records) == expected
    label, probabilities = by_hand(path, {"X": data[7:8].astype(np.float32)})
    assert by_array(records[7]) == {"output_label": label[0], "output_probability": probabilities[0]}


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (TensorProto.FLOAT, "float32"),
        (TensorProto.DOUBLE, "float64"),
        (TensorProto.FLOAT16, "float16"),
        (TensorProto.INT8, "int8"),
        (TensorProto.INT16, "int16"),
        (TensorProto.INT32, "int32"),
        (TensorProto.INT64, "int64"),
        (TensorProto.UINT8, "uint8"),
        (TensorProto.UINT16, "uint16"),
        (TensorProto.UINT32, "uint32"),
        (TensorProto.UINT64, "uint64"),
        (TensorProto.BOOL, "bool"),
    ],
)
def test_every_element_type_goes_in_and_comes_out(models: Any, kind: int, dtype: str, random: Any):
    values = random.integers(0, 2, (4, 3)).astype(dtype)
    backend = load(model_path=models.identity(kind))
    assert backend([{"x": row} for row in values.tolist()]) == [{"y": row} for row in values.tolist()]


def test_text_goes_in_and_comes_out(models: Any):
    backend = load(model_path=models.identity(TensorProto.STRING, ("n", 2)))
    assert backend({"x": ["née", ""]}) == {"y": ["née", ""]}


def test_several_inputs_and_chosen_outputs(models: Any):
    path = models.sum()
    backend = load(
        model_path=path, inputs={"a": ["u", "v"], "b": "pair"}, outputs={"difference": "less", "total": "sum"}
    )
    rows = backend([{"u": 1, "v": 2, "pair": [3, 4]}, {"u": 5, "v": 6, "pair": [7.5, 8]}])
    assert rows == [{"less": [-2.0, -2.0], "sum": [4.0, 6.0]}, {"less": [-2.5, -2.0], "sum": [12.5, 14.0]}]
    assert list(rows[0]) == ["less", "sum"]
    assert load(model_path=path, outputs=["opposite"])({"a": [1, 2], "b": [3, 4]}) == {"opposite": [-1.0, -2.0]}


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5])
def test_a_model_with_a_fixed_batch_is_filled_up(models: Any, count: int):
    backend = load(model_path=models.identity(TensorProto.INT64, (2, 3)))
    records = [{"x": [row, row, row]} for row in range(count)]
    assert backend(records) == [{"y": record["x"]} for record in records]


@pytest.mark.parametrize("most", [1, 2, 100])
def test_a_largest_batch_changes_nothing(file_types: Path, bytes_of_files: Any, by_hand: Any, most: int):
    backend = load(model_path=file_types, max_batch_size=most)
    rows = backend(bytes_of_files)
    expected = []
    for start in range(0, len(bytes_of_files), most):
        part = [row["bytes"] for row in bytes_of_files[start : start + most]]
        expected += by_hand(file_types, {"bytes": np.array(part, np.int32)})[0].tolist()
    assert [row["target_label"] for row in rows] == expected


def test_session_options_reach_onnx_runtime(models: Any):
    backend = OnnxBackend(
        verbose=False,
        model_path=models.identity(),
        session_options={
            "intra_op_num_threads": 1,
            "graph_optimization_level": "disable",
            "execution_mode": "parallel",
            "session.intra_op.allow_spinning": 0,
        },
        providers=[("CPUExecutionProvider", {})],
    )
    options = backend.model.session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.graph_optimization_level.name == "ORT_DISABLE_ALL"
    assert options.execution_mode.name == "ORT_PARALLEL"
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert backend.model.session.get_providers() == ["CPUExecutionProvider"]


def test_missing_numbers_are_nan_where_that_is_wanted(models: Any):
    backend = load(model_path=models.identity(TensorProto.FLOAT, ("n", 2)), inputs={"x": ["a", "b"]}, on_missing="null")
    assert backend([{"a": 1}, {"a": None, "b": 2}]) == [{"y": [1.0, None]}, {"y": [None, 2.0]}]
