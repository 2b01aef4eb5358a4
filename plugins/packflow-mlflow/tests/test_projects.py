"""A model's directory that is named in a ``packflow.yaml`` is found from everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from packflow_mlflow.config import MlflowConfig

from packflow.project.paths import placed_in


@pytest.mark.parametrize("value", ["/models/iris", "~/iris", "file:///models/iris", "models:/iris/1"])
def test_what_is_not_relative_stays(value):
    assert placed_in(Path("/project"), {"model_path": value}, MlflowConfig) == {"model_path": value}


def test_a_relative_directory_is_the_projects():
    placed = placed_in(Path("/project"), {"model_path": "iris", "prediction_field": "iris"}, MlflowConfig)

    assert placed == {"model_path": str(Path("/project/iris")), "prediction_field": "iris"}
