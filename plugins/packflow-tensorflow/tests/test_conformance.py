"""The backend keeps every rule that packflow has for backends."""

from __future__ import annotations

from typing import Any

import pytest

from packflow.testing import BackendSuite

from .conftest import Save


class TestTensorflow(BackendSuite):
    plugin = "tensorflow"
    tolerance = 1e-5  # products of matrices are added up in another order where a batch is larger
    records = [{"x": [1.0, 2.0, 3.0, 4.0]}, {"x": [-1.0, 0.5, 0.0, 2.0]}, {"x": [5.0, 5.0, 5.0, 5.0]}]

    @pytest.fixture
    def config(self, net: Any, save: Save) -> dict[str, Any]:
        return {"model_path": save(net)}
