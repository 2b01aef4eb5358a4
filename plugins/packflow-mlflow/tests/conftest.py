"""What the tests share: models saved by MLflow's own savers, one that others trained, and the log."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # MLflow reports its use to its makers

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mlflow
    import mlflow.onnx
    import mlflow.pyfunc.loaders
    import mlflow.sklearn

import loguru
import numpy as np
import onnx
import pandas as pd
import pytest
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, Schema, TensorSpec
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

Save = Callable[..., Path]


@pytest.fixture(scope="session")
def save(tmp_path_factory: pytest.TempPathFactory) -> Save:
    """Save a model with a flavour's saver and give its directory; what the saver warns of is of no use here."""
    folder = tmp_path_factory.mktemp("models")

    def to_directory(saver: Any, *arguments: Any, **settings: Any) -> Path:
        path = folder / f"model-{len(list(folder.iterdir()))}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            saver(*arguments, path=str(path), **{"pip_requirements": [], **settings})
        return path

    return to_directory


@pytest.fixture(scope="session")
def save_function(save: Save) -> Save:
    """Save a function as a model of MLflow's own kind, a pickle; columns are `(type, name)`, optional with a `?`."""

    def to_directory(predict: Any, inputs: Any = None, outputs: Any = None, **settings: Any) -> Path:
        class Model(mlflow.pyfunc.PythonModel):
            pass

        Model.predict = predict
        signature = ModelSignature(inputs, outputs, settings.pop("params", None)) if inputs is not None else None
        return save(mlflow.pyfunc.save_model, python_model=Model(), signature=signature, **settings)

    return to_directory


@pytest.fixture(scope="session")
def iris() -> Any:
    return load_iris(as_frame=True)


@pytest.fixture(scope="session")
def classifier(iris: Any, save: Save) -> Path:
    """A classifier of iris flowers with text labels, as skops."""
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target_names[iris.target])
    signature = infer_signature(iris.data, model.predict(iris.data))
    return save(mlflow.sklearn.save_model, model, signature=signature, serialization_format="skops")


@pytest.fixture(scope="session")
def regressor(save: Save) -> Path:
    """A regressor with a whole number among its columns, as skops."""
    data = load_diabetes(as_frame=True)
    table = data.data.assign(age=(data.data["age"] * 1000).astype("int64"))
    model = LinearRegression().fit(table, data.target)
    with warnings.catch_warnings():  # MLflow warns of columns of integers, which cannot be missing
        warnings.simplefilter("ignore")
        signature = infer_signature(table, pd.DataFrame({"progression": model.predict(table)}))
    return save(mlflow.sklearn.save_model, model, signature=signature, serialization_format="skops")


@pytest.fixture(scope="session")
def file_types(save: Save) -> Path:
    """Magika's model, saved by MLflow's flavour: 2,048 bytes of a file in, 214 scores of file types out."""
    spec = find_spec("magika")
    assert spec is not None
    assert spec.origin is not None
    model = onnx.load(Path(spec.origin).parent / "models/standard_v3_3/model.onnx")
    inputs = Schema([TensorSpec(np.dtype("int32"), (-1, 2048), "bytes")])
    return save(
        mlflow.onnx.save_model,
        model,
        signature=ModelSignature(inputs, None),
        onnx_execution_providers=["CPUExecutionProvider"],
    )


@pytest.fixture(scope="session")
def bytes_of_files() -> list[dict[str, Any]]:
    """Records for that model: the first bytes of files of this installation."""
    files = sorted(Path(onnx.__file__).parent.glob("*.py"))[:12]
    return [{"name": file.name, "bytes": (list(file.read_bytes()[:2048]) + [256] * 2048)[:2048]} for file in files]


@pytest.fixture
def by_hand() -> Callable[..., Any]:
    """Run a model with nothing but MLflow."""

    def run(path: Path, data: Any, **settings: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mlflow.pyfunc.load_model(str(path), suppress_warnings=True).predict(data, **settings)

    return run


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """Copy a model, to damage it."""

    def to_directory(path: Path) -> Path:
        return Path(shutil.copytree(path, tmp_path / "copy"))

    return to_directory


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What is logged at WARNING and above."""
    texts: list[str] = []
    handler = loguru.logger.add(lambda message: texts.append(message.record["message"]), level="WARNING")
    yield texts
    loguru.logger.remove(handler)


REPEATER = """
import mlflow

class Repeater(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [text * n for text, n in zip(model_input["text"], model_input["n"])]

mlflow.models.set_model(Repeater())
"""


@pytest.fixture(scope="session")
def repeater(save: Save, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of Python code, saved as the file that it is."""
    file = tmp_path_factory.mktemp("code") / "repeater.py"
    file.write_text(REPEATER)
    signature = ModelSignature(Schema([ColSpec("long", "n"), ColSpec("string", "text")]))
    return save(mlflow.pyfunc.save_model, python_model=str(file), signature=signature)
