"""The backend keeps every rule that packflow has for backends: with columns, with tensors, with pickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from packflow.testing import BackendSuite


class TestColumns(BackendSuite):
    plugin = "mlflow"

    @pytest.fixture
    def config(self, regressor: Path) -> dict[str, Any]:
        return {"model_path": regressor}

    @pytest.fixture
    def records(self) -> list[dict[str, Any]]:
        names = ["sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
        return [{"age": age, **dict.fromkeys(names, age / 100)} for age in (1, 7, -3)]

    tolerance = 1e-12  # one row and many rows go through other routines of BLAS


class TestTensors(BackendSuite):
    plugin = "mlflow"
    tolerance = 1e-4  # ONNX Runtime adds up in another order where a batch is larger

    @pytest.fixture
    def config(self, file_types: Path) -> dict[str, Any]:
        return {"model_path": file_types, "outputs": {"target_label": "scores"}}

    @pytest.fixture
    def records(self, bytes_of_files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return bytes_of_files[:3]


class TestModelsOfCode(BackendSuite):
    plugin = "mlflow"
    records = [{"n": 1, "text": "a"}, {"n": 2, "text": "née"}]
    expected = [{"prediction": "a"}, {"prediction": "néenée"}]

    @pytest.fixture
    def config(self, repeater: Path) -> dict[str, Any]:
        return {"model_path": repeater, "trusted": True}
