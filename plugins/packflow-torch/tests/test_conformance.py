"""The backend keeps every rule that packflow has for backends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from packflow.testing import BackendSuite

from .conftest import Net, Save


class TestTorch(BackendSuite):
    plugin = "torch"
    tolerance = 1e-5  # products of matrices are added up in another order where a batch is larger
    records = [{"x": [1.0, 2.0, 3.0, 4.0]}, {"x": [-1.0, 0.5, 0.0, 2.0]}, {"x": [5.0, 5.0, 5.0, 5.0]}]

    @pytest.fixture
    def config(self, export: Save, net: Net) -> dict[str, Any]:
        path: Path = export(net, torch.zeros(2, 4))
        return {"model_path": path}
