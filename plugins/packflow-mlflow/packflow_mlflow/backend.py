"""The backend ``mlflow``: its steps. What they do in detail stands in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendRuntimeError
from packflow_mlflow.config import MlflowConfig
from packflow_mlflow.loading import check_params, load

if TYPE_CHECKING:
    from packflow_mlflow.inputs import Batch, Feeder
    from packflow_mlflow.outputs import RowMaker, Rows


class MlflowBackend(InferenceBackend):
    """Runs an MLflow model, loaded from a directory by ``mlflow.pyfunc``.

    Example:
        >>> backend = MlflowBackend(model_path="iris")  # doctest: +SKIP
        >>> backend({"length": 5.1, "width": 3.5})  # doctest: +SKIP
        {'prediction': 'setosa'}

    What goes in is the model's signature, which is enforced: each value has to fit exactly the type of its column. The
    backend pickles: the copy opens the directory anew.

    Args:
        **settings: the fields of :class:`MlflowConfig`.

    Raises:
        InferenceBackendInitializationError: the directory cannot be opened or could run code, or the configuration does
            not fit the model's signature.
    """

    plugin_api_version = 1
    base_config_model = MlflowConfig
    config: MlflowConfig

    #: The ``mlflow.pyfunc.PyFuncModel``.
    model: Any

    _feeder: Feeder
    _make_rows: RowMaker
    _params: dict[str, Any] | None

    def initialize(self) -> None:
        """Load the model and settle what goes in and what comes out."""
        self._open(tell=True)

    def _open(self, *, tell: bool) -> None:
        loaded = load(self.config, tell=tell)
        # These import MLflow and pandas, and a model that is refused needs neither.
        from packflow_mlflow.inputs import choose_feeder
        from packflow_mlflow.outputs import RowMaker

        self.model = loaded.model
        self._params = check_params(self.config, loaded.signature)
        inputs = getattr(loaded.signature, "inputs", None)
        self._feeder = choose_feeder(self.config, inputs, by_type_hint=loaded.by_type_hint)
        self._make_rows = RowMaker(self.config, loaded)
        if tell and inputs is None:
            self._tell_free()

    def _tell_free(self) -> None:
        names = self.config.feature_names
        fields = f"the fields {', '.join(map(repr, names))}" if names else "all fields of the records"
        more = "" if names else " To fix which, and in what order, set feature_names."
        self.logger.warning(
            f"The model in {self.config.model_path!r} has no signature, so nothing is checked: it is given {fields}."
            f"{more}"
        )

    def transform_inputs(self, inputs: Any) -> list[Batch]:
        """Lay out the values of the records as the model's signature has them."""
        return list(self._feeder.batches(inputs))

    def execute(self, inputs: list[Batch]) -> list[tuple[Any, int, int]]:
        """Call the model, as often as its batch asks for; no records need no call."""
        return [(self._call(data), given, count) for data, given, count in inputs]

    def _call(self, data: Any) -> Any:
        try:
            return self.model.predict(data, params=self._params)
        except Exception as error:  # any code of any library's
            enforcing = getattr(error, "message", "").startswith("Failed to enforce schema")
            cause = error.__context__ if enforcing and error.__context__ is not None else error
            text = getattr(cause, "message", None) or f"{type(cause).__name__}: {cause}"
            failed = "MLflow's check of the signature failed" if enforcing else "The model failed"
            raise InferenceBackendRuntimeError(f"{failed}: {text}. It was given {_describe(data)}.") from error

    def transform_outputs(self, inputs: list[tuple[Any, int, int]]) -> Rows:
        """Make a record of each row."""
        return [row for result, given, count in inputs for row in self._make_rows(result, given)[:count]]

    def shutdown(self) -> None:
        """Let the model go."""
        del self.model, self._feeder, self._make_rows

    def __getstate__(self) -> dict[str, Any]:
        opened = ("model", "_feeder", "_make_rows", "_params")
        return {name: value for name, value in vars(self).items() if name not in opened}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self._preprocessor is not None:  # a closed one stays closed
            self._open(tell=False)


def _describe(data: Any) -> str:
    """Put what a model was given into words: names, dtypes and lengths, no values."""
    if hasattr(data, "dtypes"):
        columns = ", ".join(f"{name!r} ({dtype})" for name, dtype in data.dtypes.items())
        return f"a DataFrame of {len(data)} row(s) with {columns or 'no columns'}"
    if isinstance(data, dict):
        return ", ".join(f"{name!r} ({array.dtype}, shape {list(array.shape)})" for name, array in data.items())
    if hasattr(data, "shape"):
        return f"an array ({data.dtype}, shape {list(data.shape)})"
    return f"a list of {len(data)}"
