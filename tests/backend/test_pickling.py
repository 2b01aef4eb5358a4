"""Backends go to worker processes: they pickle and copy whenever the state that the user adds does."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading
from typing import Any

import pytest

from packflow import BackendConfig, InferenceBackend, exceptions
from packflow.exceptions import InferenceBackendRuntimeError, PackflowError
from tests.conftest import RunScript
from tests.support.backends import Echo
from tests.support.logs import Captured

SETTINGS: dict[str, dict[str, Any]] = {
    "passthrough": {"input_format": "passthrough"},
    "default": {},
    "walk": {"feature_names": ["a.b"], "rename_fields": {"x": "y"}},
    "flatten": {"flatten_nested_inputs": True, "flatten_lists": True, "feature_names": ["a"]},
}
RECORDS = [{"a": {"b": 1, "c": [2, 3]}, "x": 4}, {"a": {"b": 5}, "x": 6}]


class ModelConfig(BackendConfig):
    """A configuration with a field of its own."""

    offset: int = 0


class Offset(InferenceBackend):
    """Has state of its own, and logs in every step."""

    base_config_model = ModelConfig

    def initialize(self) -> None:
        self.weights = {"n": [1, 2, 3]}
        self.calls = 0

    def execute(self, inputs: Any) -> Any:
        self.logger.info("executing")
        return [{"n": row["n"] + self.config.offset + sum(self.weights["n"])} for row in inputs]


class ArrayBackend(InferenceBackend):
    """Takes an array."""

    def execute(self, inputs: Any) -> Any:
        return [{"sum": float(row.sum())} for row in inputs]


class Locked(Echo):
    """Holds what cannot be pickled."""

    def initialize(self) -> None:
        self.lock = threading.Lock()


COPIES: dict[str, Any] = {
    **{
        f"protocol {protocol}": lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=list(COPIES))
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))
@pytest.mark.parametrize("called", [False, True], ids=["new", "called"])
def test_a_copy_does_what_the_original_does(copied: Any, settings: dict[str, Any], called: bool) -> None:
    backend = Echo(**settings, verbose=False)
    expected = Echo(**settings, verbose=False)(RECORDS)
    if called:
        backend(RECORDS)
    other = copied(backend)
    assert other is not backend
    assert other(RECORDS) == expected
    assert other.get_metrics().batch_size == len(RECORDS)
    assert repr(other) == repr(backend)


@pytest.mark.parametrize("copied", COPIES.values(), ids=list(COPIES))
def test_numpy_backends_too(copied: Any) -> None:
    backend = ArrayBackend(input_format="numpy", feature_names=["a.b", "x"], numpy_dtype="float32", verbose=False)
    assert copied(backend)(RECORDS) == [{"sum": 5.0}, {"sum": 11.0}]


@pytest.mark.parametrize("copied", COPIES.values(), ids=list(COPIES))
def test_own_state_and_configuration_come_along(copied: Any, logs: Captured) -> None:
    backend = Offset(offset=10)
    backend.calls = 7
    other = copied(backend)
    assert (other.calls, other.config.offset, type(other.config)) == (7, 10, ModelConfig)
    logs.clear()
    assert other({"n": 1}) == {"n": 17}
    assert logs.texts()[0] == "executing"


def test_a_deep_copy_shares_no_state() -> None:
    backend = Offset(verbose=False)
    other = copy.deepcopy(backend)
    other.weights["n"].append(100)
    other.config.offset = 5
    assert backend({"n": 0}) == {"n": 6}
    assert other({"n": 0}) == {"n": 111}


def test_copies_do_not_share_metrics() -> None:
    backend = Echo(verbose=False)
    backend(RECORDS)
    other = copy.deepcopy(backend)
    other({"a": 1})
    assert backend.get_metrics().batch_size == 2
    assert other.get_metrics().batch_size == 1


def test_a_logger_kept_in_the_instance_is_no_obstacle(logs: Captured) -> None:
    backend = Offset(verbose=False)
    backend.log = backend.logger
    backend.bound = backend.logger.bind(backend="offset")
    for other in (pickle.loads(pickle.dumps(backend)), copy.deepcopy(backend)):
        logs.clear()
        other.log.info("kept")
        other.bound.info("bound")
        assert logs.texts() == ["kept", "bound"]


def test_state_that_does_not_pickle_is_the_users_to_see() -> None:
    with pytest.raises(TypeError, match="lock"):
        pickle.dumps(Locked(verbose=False))


ERRORS = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, PackflowError) and kind.__module__ == exceptions.__name__
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
def test_exceptions_keep_their_data(kind: type[PackflowError], protocol: int) -> None:
    """A worker's failure must reach the process that waits for it."""
    extra = {
        name: f"the {name}"
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    error = kind("the reason", **extra)
    other = pickle.loads(pickle.dumps(error, protocol))
    assert type(other) is kind
    assert str(other) == "the reason"
    assert vars(other) == vars(error)
    assert {name: getattr(other, name) for name in extra} == extra


def test_a_calls_failure_pickles() -> None:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        Offset(verbose=False)([{"m": 1}])
    other = pickle.loads(pickle.dumps(caught.value))
    assert (str(other), other.step) == (str(caught.value), "execute")


def test_spawned_workers_run_a_backend_of_a_script(script: RunScript) -> None:
    result = script(
        """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        from packflow import BackendConfig, InferenceBackend
        from packflow.exceptions import InferenceBackendRuntimeError


        class ScaleConfig(BackendConfig):
            factor: int = 2


        class Scale(InferenceBackend):
            base_config_model = ScaleConfig

            def initialize(self):
                self.built = getattr(self, "built", 0) + 1

            def execute(self, inputs):
                self.logger.info("executing")
                return [{"n": int(row[0]) * self.config.factor, "built": self.built} for row in inputs]


        class ScaleRecords(Scale):
            def transform_inputs(self, inputs):
                return [[row["f"]] for row in inputs]


        def run(backend, batch):
            outputs = backend(batch)
            return outputs, backend.get_metrics().batch_size


        if __name__ == "__main__":
            batches = [[{"a": {"b": n}}] * (n + 1) for n in range(3)]
            backends = [
                Scale(factor=3, input_format="numpy", feature_names=["a.b"]),
                ScaleRecords(factor=3, rename_fields={"a.b": "f"}),
            ]
            backends[0](batches[0])
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(2, mp_context=context) as pool:
                for backend in backends:
                    for outputs, size in pool.map(run, [backend] * 3, batches):
                        print(outputs, size)
                    print(list(pool.map(backend, batches[:1])))
                try:
                    pool.submit(run, backends[0], [{"a": {"b": 1}}, {"x.y": 0, "a.b": 1}]).result()
                except InferenceBackendRuntimeError as error:
                    print(type(error).__name__, error.step, error.row)
        """
    )
    assert result.returncode == 0, result.stderr
    both = [
        "[{'n': 0, 'built': 1}] 1",
        "[{'n': 3, 'built': 1}, {'n': 3, 'built': 1}] 2",
        "[{'n': 6, 'built': 1}, {'n': 6, 'built': 1}, {'n': 6, 'built': 1}] 3",
        "[[{'n': 0, 'built': 1}]]",
    ]
    assert result.stdout.splitlines() == [*both, *both, "PreprocessorRuntimeError preprocess 1"]
    assert "__mp_main__:execute" in result.stderr
