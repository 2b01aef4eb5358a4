"""The backend keeps every rule that packflow has for backends, on a model that nobody here trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from packflow.testing import BackendSuite


class TestOnnx(BackendSuite):
    plugin = "onnx"
    tolerance = 1e-4  # ONNX Runtime adds up in another order where a batch is larger

    @pytest.fixture
    def config(self, file_types: Path) -> dict[str, Any]:
        return {"model_path": file_types, "outputs": {"target_label": "scores"}}

    @pytest.fixture
    def records(self, bytes_of_files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return bytes_of_files[:4]
