"""The documented behaviour, example by example: outputs, printed lines, log lines, reprs, transcripts.

Of a log line everything is compared but the time, the line number, and how many milliseconds something took.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from packflow import BackendConfig, InferenceBackend
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PackflowError, PreprocessorRuntimeError
from packflow.loaders import LocalLoader, ModuleLoader
from packflow.utils.normalize import ensure_valid_output
from tests.conftest import RunScript
from tests.support.logs import Captured, Line

CONFIGURE = "packflow.backend.configuration:load_backend_configuration"
RESOLVE = "packflow.backend.preprocessors:resolve"
SETUP = "packflow.backend.base:_initialize"
CALL = "packflow.backend.base:__call__"
NOTHING_TO_DO = "Current config does not require preprocessing steps. Defaulting to Passthrough mode."
MILLISECONDS = r"\d+(\.\d+)?(e-\d+)?"


class Backend(InferenceBackend):
    """Says what it was given, and gives it back."""

    def execute(self, inputs: Any) -> Any:
        print("Executing against data:", inputs)
        return inputs


class Example(NamedTuple):
    """One configuration, and all that is documented of it."""

    settings: dict[str, Any]
    samples: list[dict[str, Any]]
    config: str
    outputs: list[dict[str, Any]]
    nothing_to_do: bool = False


NUMBERS = [{"number": i} for i in range(5)]
PAIRS = [{"number": i, "other_field": i + 1} for i in range(5)]
NESTED = [{"number": {"value": [i, i + 1]}} for i in range(5)]

EXAMPLES = {
    "passthrough": Example(
        {"input_format": "passthrough", "verbose": False},
        NUMBERS,
        "BackendConfig(verbose=False, input_format=<InputFormats.PASSTHROUGH: 'passthrough'>, rename_fields={}, "
        "feature_names=[], flatten_nested_inputs=False, flatten_lists=False, nested_field_delimiter='.')",
        [{"number": 0}, {"number": 1}, {"number": 2}, {"number": 3}, {"number": 4}],
    ),
    "records": Example(
        {"input_format": "records", "verbose": False},
        PAIRS,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={}, "
        "feature_names=[], flatten_nested_inputs=False, flatten_lists=False, nested_field_delimiter='.')",
        [
            {"number": 0, "other_field": 1},
            {"number": 1, "other_field": 2},
            {"number": 2, "other_field": 3},
            {"number": 3, "other_field": 4},
            {"number": 4, "other_field": 5},
        ],
        nothing_to_do=True,
    ),
    "filter": Example(
        {"input_format": "records", "feature_names": ["number"], "verbose": False},
        PAIRS,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={}, "
        "feature_names=['number'], flatten_nested_inputs=False, flatten_lists=False, nested_field_delimiter='.')",
        [{"number": 0}, {"number": 1}, {"number": 2}, {"number": 3}, {"number": 4}],
    ),
    "rename and order": Example(
        {
            "input_format": "records",
            "rename_fields": {"other_field": "feature_0", "number": "feature_1"},
            "feature_names": ["feature_0", "feature_1"],
            "verbose": False,
        },
        PAIRS,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, "
        "rename_fields={'other_field': 'feature_0', 'number': 'feature_1'}, "
        "feature_names=['feature_0', 'feature_1'], flatten_nested_inputs=False, flatten_lists=False, "
        "nested_field_delimiter='.')",
        [
            {"feature_0": 1, "feature_1": 0},
            {"feature_0": 2, "feature_1": 1},
            {"feature_0": 3, "feature_1": 2},
            {"feature_0": 4, "feature_1": 3},
            {"feature_0": 5, "feature_1": 4},
        ],
    ),
    "flatten": Example(
        {"flatten_nested_inputs": True, "verbose": False},
        NESTED,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={}, "
        "feature_names=[], flatten_nested_inputs=True, flatten_lists=False, nested_field_delimiter='.')",
        [
            {"number.value": [0, 1]},
            {"number.value": [1, 2]},
            {"number.value": [2, 3]},
            {"number.value": [3, 4]},
            {"number.value": [4, 5]},
        ],
    ),
    "delimiter": Example(
        {"flatten_nested_inputs": True, "nested_field_delimiter": ":", "verbose": False},
        NESTED,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={}, "
        "feature_names=[], flatten_nested_inputs=True, flatten_lists=False, nested_field_delimiter=':')",
        [
            {"number:value": [0, 1]},
            {"number:value": [1, 2]},
            {"number:value": [2, 3]},
            {"number:value": [3, 4]},
            {"number:value": [4, 5]},
        ],
    ),
    "flatten lists": Example(
        {"flatten_nested_inputs": True, "nested_field_delimiter": ".", "flatten_lists": True, "verbose": False},
        NESTED,
        "BackendConfig(verbose=False, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={}, "
        "feature_names=[], flatten_nested_inputs=True, flatten_lists=True, nested_field_delimiter='.')",
        [
            {"number.value.0": 0, "number.value.1": 1},
            {"number.value.0": 1, "number.value.1": 2},
            {"number.value.0": 2, "number.value.1": 3},
            {"number.value.0": 3, "number.value.1": 4},
            {"number.value.0": 4, "number.value.1": 5},
        ],
    ),
}

DEFAULTS = (
    "BackendConfig(verbose={verbose}, input_format=<InputFormats.RECORDS: 'records'>, rename_fields={{}}, "
    "feature_names=[], flatten_nested_inputs=False, flatten_lists=False, nested_field_delimiter='.')"
)


def configuration_lines(settings: dict[str, Any], config: str) -> list[Line]:
    return [
        Line("DEBUG", CONFIGURE, f"Loaded raw configuration: {settings}"),
        Line("INFO", CONFIGURE, f"Configuration: {config}"),
    ]


def listed(values: list[Any]) -> list[list[tuple[Any, Any]]]:
    """Give records with the order of their keys, which equality of dicts does not see."""
    return [list(value.items()) for value in values]


# The introduction ---------------------------------------------------------------------------------------------------


def test_construction_logs_configuration_preprocessor_and_setup(logs: Captured) -> None:
    Backend()
    assert logs[:3] == [
        *configuration_lines({}, DEFAULTS.format(verbose=True)),
        Line("INFO", RESOLVE, NOTHING_TO_DO),
    ]
    setup = logs[3]
    assert (setup.level, setup.where) == ("INFO", SETUP)
    assert re.fullmatch(r"Initialized Backend in \d+\.\d{4} ms", setup.text)
    assert len(logs) == 4


def test_repr_shows_the_configuration() -> None:
    assert repr(Backend()) == f"Backend[\n  {DEFAULTS.format(verbose=True)}\n]"


def test_verbose_call_logs_its_metrics(logs: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    backend = Backend()
    logs.clear()
    assert backend([{"number": i} for i in range(5)]) == NUMBERS
    assert capsys.readouterr().out == (
        "Executing against data: [{'number': 0}, {'number': 1}, {'number': 2}, {'number': 3}, {'number': 4}]\n"
    )
    (line,) = logs
    assert (line.level, line.where) == ("INFO", CALL)
    found = re.fullmatch(
        rf"ExecutionMetrics\(batch_size=5, execution_times=ExecutionTimes\(preprocess=(?P<preprocess>{MILLISECONDS}), "
        rf"transform_inputs=None, execute=(?P<execute>{MILLISECONDS}), transform_outputs=None\), "
        rf"total_execution_time=(?P<total>{MILLISECONDS})\)",
        line.text,
    )
    assert found
    steps = float(found["preprocess"]) + float(found["execute"])
    assert float(found["total"]) == pytest.approx(steps)


def test_validating_a_quiet_backend(logs: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = Backend(verbose=False).validate(NUMBERS)
    assert outputs == [{"number": 0}, {"number": 1}, {"number": 2}, {"number": 3}, {"number": 4}]
    assert logs == [
        *configuration_lines({"verbose": False}, DEFAULTS.format(verbose=False)),
        Line("INFO", RESOLVE, NOTHING_TO_DO),
    ]
    assert capsys.readouterr().out == (
        "Executing against data: [{'number': 0}, {'number': 1}, {'number': 2}, {'number': 3}, {'number': 4}]\n"
    )


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=list(EXAMPLES))
def test_configured_preprocessing(example: Example, logs: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = Backend(**example.settings)(example.samples)
    assert listed(outputs) == listed(example.outputs)
    assert capsys.readouterr().out == f"Executing against data: {example.outputs}\n"
    expected = configuration_lines(example.settings, example.config)
    if example.nothing_to_do:
        expected.append(Line("INFO", RESOLVE, NOTHING_TO_DO))
    assert logs == expected


class NumpyBackend(InferenceBackend):
    """Doubles an array, and turns it back into records."""

    def execute(self, inputs: Any) -> Any:
        print("Executing against data:", inputs)
        return inputs * 2

    def transform_outputs(self, inputs: Any) -> Any:
        return ensure_valid_output(inputs, parent_key="doubled")


def test_numpy_preprocessor_reads_a_nested_field(logs: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"input_format": "numpy", "feature_names": ["parent_key.value"], "verbose": False}
    backend = NumpyBackend(**settings)
    outputs = backend([{"feature1": i, "parent_key": {"value": i + 1}} for i in range(5)])
    assert outputs == [{"doubled": 2}, {"doubled": 4}, {"doubled": 6}, {"doubled": 8}, {"doubled": 10}]
    assert {type(row["doubled"]) for row in outputs} == {int}
    assert capsys.readouterr().out == "Executing against data: [[1]\n [2]\n [3]\n [4]\n [5]]\n"
    assert logs == configuration_lines(
        settings,
        "BackendConfig(verbose=False, input_format=<InputFormats.NUMPY: 'numpy'>, rename_fields={}, "
        "feature_names=['parent_key.value'], flatten_nested_inputs=False, flatten_lists=False, "
        "nested_field_delimiter='.')",
    )


class FullBackend(InferenceBackend):
    """Defines every step."""

    def initialize(self) -> None:
        self.logger.info("Hello from __init__!")

    def transform_inputs(self, inputs: Any) -> Any:
        numbers = [row["number"] for row in inputs]
        print("Transformed Inputs:", numbers)
        return numbers

    def execute(self, inputs: Any) -> Any:
        doubled = [number * 2 for number in inputs]
        print("Output of Execute:", doubled)
        return doubled

    def transform_outputs(self, inputs: Any) -> Any:
        rows = [{"doubled": number, "is_even": number % 2 == 0} for number in inputs]
        print("Transformed Outputs:", rows)
        return rows


def test_backend_with_every_step(logs: Captured, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = FullBackend(verbose=False).validate(NUMBERS)
    expected = [
        {"doubled": 0, "is_even": True},
        {"doubled": 2, "is_even": True},
        {"doubled": 4, "is_even": True},
        {"doubled": 6, "is_even": True},
        {"doubled": 8, "is_even": True},
    ]
    assert outputs == expected
    assert capsys.readouterr().out.splitlines() == [
        "Transformed Inputs: [0, 1, 2, 3, 4]",
        "Output of Execute: [0, 2, 4, 6, 8]",
        f"Transformed Outputs: {expected}",
    ]
    assert logs == [
        *configuration_lines({"verbose": False}, DEFAULTS.format(verbose=False)),
        Line("INFO", RESOLVE, NOTHING_TO_DO),
        Line("INFO", f"{__name__}:initialize", "Hello from __init__!"),
    ]


def test_logs_on_a_terminal(script: RunScript) -> None:
    """A script sees loguru's own lines on stderr, and only its own prints on stdout."""
    result = script(
        """
        from packflow import InferenceBackend


        class Backend(InferenceBackend):
            def initialize(self):
                self.logger.info("Hello from __init__!")

            def execute(self, inputs):
                print("executing")
                return inputs


        Backend()([{"number": 1}])
        """
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "executing\n"
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    patterns = [
        rf"DEBUG    \| {CONFIGURE}:\d+ - Loaded raw configuration: {{}}",
        rf"INFO     \| {CONFIGURE}:\d+ - Configuration: {re.escape(DEFAULTS.format(verbose=True))}",
        rf"INFO     \| {RESOLVE}:\d+ - {re.escape(NOTHING_TO_DO)}",
        r"INFO     \| __main__:initialize:7 - Hello from __init__!",
        rf"INFO     \| {SETUP}:\d+ - Initialized Backend in \d+\.\d{{4}} ms",
        rf"INFO     \| {CALL}:\d+ - ExecutionMetrics\(batch_size=1, .*\)",
    ]
    lines = result.stderr.splitlines()
    assert len(lines) == len(patterns), result.stderr
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(rf"{stamp} \| {pattern}", line), line


# The life of a backend ----------------------------------------------------------------------------------------------


def test_initialize_may_take_any_arguments_and_logs(logs: Captured) -> None:
    class Model(InferenceBackend):
        def initialize(self, *args: Any, **kwargs: Any) -> None:
            self.logger.info("Loading model weights")
            self.logger.info("Placing model on GPUs")

        def execute(self, inputs: Any) -> Any:
            return inputs

    Model(verbose=False)
    where = f"{__name__}:initialize"
    assert [line for line in logs if line.where == where] == [
        Line("INFO", where, "Loading model weights"),
        Line("INFO", where, "Placing model on GPUs"),
    ]


def test_init_may_be_extended() -> None:
    class Custom(InferenceBackend):
        def __init__(self, custom_param: str, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.custom_param = custom_param

        def execute(self, inputs: Any) -> Any:
            return [{"param": self.custom_param, "names": self.config.feature_names} for _ in inputs]

    backend = Custom("mine", feature_names=["a"], verbose=False)
    assert backend({"a": 1}) == {"param": "mine", "names": ["a"]}


def test_ready_is_for_others_to_ask() -> None:
    class NotReady(Backend):
        def ready(self) -> bool:
            raise AssertionError("packflow itself does not ask")

    assert NotReady(verbose=False)({"number": 1}) == {"number": 1}
    assert Backend(verbose=False).ready() is True


def test_base_config_model_adds_fields() -> None:
    class ThresholdConfig(BackendConfig):
        threshold: float = 0.5

    class Threshold(InferenceBackend):
        base_config_model = ThresholdConfig

        def execute(self, inputs: Any) -> Any:
            return [{"positive": row["score"] > self.config.threshold} for row in inputs]

    records = [{"score": 0.4}, {"score": 0.6}, {"score": 0.8}]
    assert Threshold(verbose=False)(records) == [{"positive": False}, {"positive": True}, {"positive": True}]
    assert Threshold(threshold=0.7, verbose=False)(records) == [
        {"positive": False},
        {"positive": False},
        {"positive": True},
    ]


def test_defaults_of_the_configuration() -> None:
    config = BackendConfig()
    assert config.model_dump(
        include={
            "verbose",
            "input_format",
            "rename_fields",
            "feature_names",
            "flatten_nested_inputs",
            "flatten_lists",
            "nested_field_delimiter",
            "ignore_delimiter_collisions",
        },
        mode="json",
    ) == {
        "verbose": True,
        "input_format": "records",
        "rename_fields": {},
        "feature_names": [],
        "flatten_nested_inputs": False,
        "flatten_lists": False,
        "nested_field_delimiter": ".",
        "ignore_delimiter_collisions": False,
    }


@pytest.mark.parametrize(
    ("defined", "order"),
    [
        (set(), ["execute"]),
        ({"transform_inputs"}, ["transform_inputs", "execute"]),
        ({"transform_outputs"}, ["execute", "transform_outputs"]),
        ({"transform_inputs", "transform_outputs"}, ["transform_inputs", "execute", "transform_outputs"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
def test_execution_forms(defined: set[str], order: list[str]) -> None:
    def step(name: str) -> Any:
        def run(self: Any, inputs: Any) -> Any:
            ran.append(name)
            return inputs

        return run

    ran: list[str] = []
    kind = type("Formed", (InferenceBackend,), {name: step(name) for name in {*defined, "execute"}})
    backend = kind(verbose=False)
    assert backend([{"a": 1}]) == [{"a": 1}]
    assert ran == order
    times = backend.get_metrics().execution_times
    assert times.preprocess is not None
    assert times.execute is not None
    assert (times.transform_inputs is not None) == ("transform_inputs" in defined)
    assert (times.transform_outputs is not None) == ("transform_outputs" in defined)


# Loaders ------------------------------------------------------------------------------------------------------------

ECHO = """
from packflow import InferenceBackend


class {name}(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""


def test_local_loader_loads_from_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inference.py").write_text(ECHO.format(name="Backend"))
    monkeypatch.chdir(tmp_path)
    backend = LocalLoader("inference:Backend").load()
    assert backend({"sample": "data"}) == {"sample": "data"}


def test_module_loader_loads_from_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "documentedproject"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "backends.py").write_text(ECHO.format(name="MyModelBackend"))
    monkeypatch.syspath_prepend(tmp_path)
    try:
        backend = ModuleLoader("documentedproject.backends:MyModelBackend").load()
        assert backend({"sample": "data"}) == {"sample": "data"}
        assert type(backend).__module__ == "documentedproject.backends"
    finally:
        for name in ("documentedproject", "documentedproject.backends"):
            sys.modules.pop(name, None)


# The configuration page ---------------------------------------------------------------------------------------------

PRINTING_SCRIPT = """
from packflow import InferenceBackend


class PrintBackend(InferenceBackend):
    def __call__(self, *args, **kwargs):
        print(f"PrintBackend called with args: {args}, kwargs: {kwargs}")
        return super().__call__(*args, **kwargs)

    def transform_inputs(self, inputs):
        print(f"Transform Inputs received: {inputs}")
        return inputs

    def execute(self, inputs):
        print(f"Execute received: {inputs}")
        return [{"result": row} for row in inputs]


if __name__ == "__main__":
    print("Final Output:", PrintBackend()({"foo": {"bar": 0, "baz": [1]}, "fizz": {"buzz": 2}}))
"""


def test_transcript_without_a_configuration_file(script: RunScript) -> None:
    result = script(PRINTING_SCRIPT)
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "PrintBackend called with args: ({'foo': {'bar': 0, 'baz': [1]}, 'fizz': {'buzz': 2}},), kwargs: {}\n"
        "Transform Inputs received: [{'foo': {'bar': 0, 'baz': [1]}, 'fizz': {'buzz': 2}}]\n"
        "Execute received: [{'foo': {'bar': 0, 'baz': [1]}, 'fizz': {'buzz': 2}}]\n"
        "Final Output: {'result': {'foo': {'bar': 0, 'baz': [1]}, 'fizz': {'buzz': 2}}}\n"
    )


def test_transcript_with_a_configuration_file(script: RunScript, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(
        json.dumps(
            {
                "configs": {
                    "flatten_nested_inputs": True,
                    "nested_field_delimiter": ":",
                    "rename_fields": {"foo:bar": "feature_1", "fizz:buzz": "feature_2"},
                    "feature_names": ["feature_1", "feature_2"],
                }
            }
        )
    )
    result = script(PRINTING_SCRIPT, env={"BACKEND_CONFIG_FILE_PATH": str(path)})
    assert result.returncode == 0, result.stderr
    assert result.stdout == (
        "PrintBackend called with args: ({'foo': {'bar': 0, 'baz': [1]}, 'fizz': {'buzz': 2}},), kwargs: {}\n"
        "Transform Inputs received: [{'feature_1': 0, 'feature_2': 2}]\n"
        "Execute received: [{'feature_1': 0, 'feature_2': 2}]\n"
        "Final Output: {'result': {'feature_1': 0, 'feature_2': 2}}\n"
    )


def test_passthrough_ignores_every_other_setting() -> None:
    records = [{"foo": {"bar": 0}, "a.b": 1}]
    backend = Backend(
        input_format="passthrough",
        rename_fields={"foo": "f"},
        feature_names=["f.bar"],
        flatten_nested_inputs=True,
        verbose=False,
    )
    assert backend(records) == [{"foo": {"bar": 0}, "a.b": 1}]


@pytest.mark.parametrize(
    ("settings", "record", "expected"),
    [
        ({"flatten_nested_inputs": True}, {"foo": {"bar": 0}}, {"foo.bar": 0}),
        ({"flatten_nested_inputs": True, "nested_field_delimiter": "/"}, {"foo": {"bar": 0}}, {"foo/bar": 0}),
        (
            {"flatten_nested_inputs": True, "flatten_lists": True},
            {"foo": {"bar": [0, 1]}},
            {"foo.bar.0": 0, "foo.bar.1": 1},
        ),
        ({"feature_names": ["b", "a"]}, {"a": 1, "b": 2, "c": 3}, {"b": 2, "a": 1}),
        ({"rename_fields": {"old_name": "new_name"}}, {"old_name": 1}, {"new_name": 1}),
        ({"feature_names": ["a", "absent", "x.y"]}, {"a": 1, "x": {"z": 2}}, {"a": 1}),
    ],
)
def test_records_preprocessor(settings: dict[str, Any], record: dict[str, Any], expected: dict[str, Any]) -> None:
    (output,) = get_preprocessor(BackendConfig(**settings))([record])
    assert list(output.items()) == list(expected.items())


def test_nested_paths_are_walked_and_keep_their_structure() -> None:
    config = BackendConfig(flatten_nested_inputs=False, nested_field_delimiter=".", feature_names=["a.b", "x"])
    assert get_preprocessor(config)([{"a": {"b": 10}, "x": 5}]) == [{"a": {"b": 10}, "x": 5}]


COLLIDING = {"flatten_nested_inputs": False, "nested_field_delimiter": ".", "feature_names": ["a.b"]}


def test_keys_that_contain_the_delimiter_are_refused() -> None:
    config = BackendConfig(**COLLIDING)
    with pytest.raises(PreprocessorRuntimeError) as caught:
        get_preprocessor(config)([{"field.name": 42, "a": {"b": 1}}])
    assert str(caught.value).startswith("Keys containing the delimiter '.' were found: ['field.name']")


def test_a_call_refuses_such_keys_in_the_same_words() -> None:
    backend = Backend(**COLLIDING, verbose=False)
    with pytest.raises(PreprocessorRuntimeError) as caught:
        backend([{"field.name": 42, "a": {"b": 1}}])
    assert str(caught.value).startswith("Keys containing the delimiter '.' were found: ['field.name']")


def test_the_check_can_be_turned_off() -> None:
    config = BackendConfig(**COLLIDING, ignore_delimiter_collisions=True)
    assert get_preprocessor(config)([{"field.name": 42, "a": {"b": 1}}]) == [{"a": {"b": 1}}]


def test_numpy_preprocessor_builds_a_column_for_each_feature() -> None:
    array = get_preprocessor(BackendConfig(input_format="numpy", feature_names=["foo"]))([{"foo": 0}, {"foo": 1}])
    np.testing.assert_array_equal(array, np.array([[0], [1]]), strict=True)


def test_numpy_preprocessor_renames_first() -> None:
    config = BackendConfig(input_format="numpy", rename_fields={"theirs": "mine"}, feature_names=["mine", "other"])
    array = get_preprocessor(config)([{"other": 2, "theirs": 1}, {"other": 4, "theirs": 3}])
    np.testing.assert_array_equal(array, np.array([[1, 2], [3, 4]]), strict=True)


def test_numpy_preprocessor_needs_feature_names() -> None:
    with pytest.raises(PackflowError, match="feature_names"):
        Backend(input_format="numpy", verbose=False)
