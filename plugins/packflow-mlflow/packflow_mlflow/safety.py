"""Deciding, by its MLmodel file alone, whether loading a model would run code that its maker chose.

What is not known to run none is taken to run some. A format is known where MLflow's loader hands a file of data to a
library that reads it as data, and every word of the MLmodel file that steers the loader is one of those listed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.version import Version

from packflow.exceptions import InferenceBackendInitializationError
from packflow_mlflow.directory import ModelDirectory

_LOADERS: dict[str, Callable[[ModelDirectory], list[str]]]
#: The methods of MLflow's wrappers that only predict.
_METHODS = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba")
_XGBOOST = re.compile(r"xgboost\.(core\.Booster|sklearn\.XGB(RF)?(Model|Classifier|Regressor|Ranker))")
_BOOSTER = "lightgbm.basic.Booster"
#: Before this one, skops trusted trees, with which a crafted file can crash the process.
_SKOPS = Version("0.16")


def refuse_code(directory: ModelDirectory, trusted_types: Collection[str]) -> None:
    """Refuse a model whose loading could run code from its directory.

    Raises:
        InferenceBackendInitializationError: it could; the text says what would run, and how to allow it.
    """
    reasons = find_code(directory)
    types = _untrusted_types(directory, trusted_types)
    where = f"The model in {str(directory.path)!r} is not loaded"
    if reasons:
        raise InferenceBackendInitializationError(
            f"{where}, because that could run code from its directory: {'; '.join(reasons)}. If you trust whoever made "
            "it as you trust the code that you install, set trusted=True. Otherwise have it saved in a format that "
            "runs no code, such as ONNX, skops, or XGBoost's, LightGBM's and CatBoost's own."
        )
    if types:
        raise InferenceBackendInitializationError(
            f"{where}, because its MLmodel wants types let in that skops does not trust: {', '.join(types)}. If you "
            "know where the model comes from and expect these types in it, set "
            f"trusted_types={[*trusted_types, *types]!r}."
        )


def find_code(directory: ModelDirectory) -> list[str]:
    """Say what code loading a model could run, a reason for each; nothing where it runs none."""
    pyfunc = directory.pyfunc
    reasons = []
    if pyfunc.get("code"):
        reasons.append(f"modules are imported from its folder {pyfunc['code']!r}")
    if pyfunc.get("model_code_path"):
        reasons.append(f"its file {Path(str(pyfunc['model_code_path'])).name!r} is run")
    if pyfunc.get("python_model"):
        reasons.append(f"its file {pyfunc['python_model']!r} is unpickled")
    loader = pyfunc["loader_module"]
    check = _LOADERS.get(loader) if isinstance(loader, str) else None
    if check is not None:
        reasons += _outside(directory, loader) or check(directory)
        if pyfunc.get("predict_fn", "predict") not in _METHODS:
            reasons.append(f"it is called by its attribute {pyfunc['predict_fn']!r}")
    elif not reasons:
        reasons.append(f"it is loaded by {loader!r}, which is not known to run none")
    return reasons


def _outside(directory: ModelDirectory, loader: str) -> list[str]:
    """Refuse files that do not lie beside MLmodel: the loaders read another MLmodel beside those."""
    entries = (directory.pyfunc, directory.flavor(loader.rpartition(".")[2]))
    names = [entry[key] for entry in entries for key in ("data", "model_path") if entry.get(key) is not None]
    return [
        f"its data is at {name!r}, which is no file beside its MLmodel"
        for name in dict.fromkeys(map(str, names))
        if re.search(r"[/\\]", name) or not (directory.path / name).is_file()
    ]


def _onnx(directory: ModelDirectory) -> list[str]:
    """Let names of providers in: the options of some name libraries to load."""
    flavor = directory.flavor("onnx")
    providers = flavor.get("providers") or []
    reasons = []
    if not isinstance(providers, str) and not all(isinstance(each, str) for each in providers):
        reasons.append("its execution providers have options, which may name libraries to load")
    options = flavor.get("onnx_session_options") or {}
    if not isinstance(options, Mapping) or options.get("extra_session_config"):
        reasons.append("its session has extra configuration, which may name libraries to load")
    return reasons


def _xgboost(directory: ModelDirectory) -> list[str]:
    name = directory.flavor("xgboost").get("model_class", "xgboost.core.Booster")
    known = isinstance(name, str) and _XGBOOST.fullmatch(name)
    return [] if known else [f"it calls {name!r}, which is no model of XGBoost's"]


def _lightgbm(directory: ModelDirectory) -> list[str]:
    flavor = directory.flavor("lightgbm")
    if flavor.get("model_class", _BOOSTER) == _BOOSTER:
        return []
    return _saved_with_skops(flavor, flavor.get("serialization_format", "cloudpickle"))


def _catboost(directory: ModelDirectory) -> list[str]:
    save_format = directory.flavor("catboost").get("save_format")
    return [] if save_format in ("cbm", "json") else [f"its format {save_format!r} is not known to run none"]


def _sklearn(directory: ModelDirectory) -> list[str]:
    flavor = directory.flavor("sklearn")
    if directory.pyfunc.get("data") is not None:  # as MLflow 1.9 wrote it; loaders take such a file to be a pickle
        return [f"its file {directory.pyfunc['data']!r} is unpickled"]
    return _saved_with_skops(flavor, flavor.get("serialization_format", "pickle"))


def _saved_with_skops(flavor: Mapping[str, Any], saved_with: Any) -> list[str]:
    if saved_with != "skops":
        name = flavor.get("pickled_model") or flavor.get("data") or "model.pkl"
        return [f"its file {name!r} is unpickled ({saved_with})"]
    try:
        found = version("skops")
    except PackageNotFoundError:
        return []  # MLflow will say that it is lacking
    return [] if Version(found) >= _SKOPS else [f"skops {found} is too old to tell; upgrade it to {_SKOPS} or newer"]


def _untrusted_types(directory: ModelDirectory, trusted_types: Collection[str]) -> list[str]:
    """Give the types that the MLmodel wants skops to let in, and that the user has not."""
    flavor = directory.flavor(str(directory.pyfunc["loader_module"]).rpartition(".")[2])
    if flavor.get("serialization_format") != "skops" or flavor.get("model_class") == _BOOSTER:
        return []
    return [name for name in _skops_types(flavor) if name not in trusted_types]


def _skops_types(flavor: Mapping[str, Any]) -> list[str]:
    types = flavor.get("skops_trusted_types") or []
    return [str(name) for name in (types if isinstance(types, list) else [types])]


_LOADERS = {
    "mlflow.onnx": _onnx,
    "mlflow.xgboost": _xgboost,
    "mlflow.lightgbm": _lightgbm,
    "mlflow.catboost": _catboost,
    "mlflow.sklearn": _sklearn,
}
