"""``backend.explain()``: what a call does, and how long its steps take."""

from __future__ import annotations

import ast
import copy
import functools
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig, InferenceBackend, plugin
from packflow.backend.explain import CallPlan, explain
from packflow.backend.metrics import RECENT_CALLS, RecentCalls
from packflow.backend.preprocessors import Description, Part, Preprocessor, get_preprocessor
from packflow.backend.preprocessors.base import promised_fields
from packflow.backend.preprocessors.passthrough import PassthroughPreprocessor
from packflow.exceptions import (
    InferenceBackendRuntimeError,
    InferenceBackendValidationError,
    PreprocessorRuntimeError,
)
from packflow.runner.narrow import fields_read_by
from tests.backend.preprocessors.support import rule
from tests.backend.preprocessors.test_compiled import cases, likeness, outcome
from tests.support.backends import Echo, stepping


def part_names(plan: CallPlan) -> list[str]:
    assert plan.preprocess.parts is not None
    return [part.name for part in plan.preprocess.parts]


# What is done ---------------------------------------------------------------------------------------------------------


def test_renaming_flattening_and_selecting_are_told_in_the_order_in_which_they_take_place():
    plan = Echo(
        verbose=False, flatten_nested_inputs=True, rename_fields={"a": "x", "b": "y"}, feature_names=["y", "x.z"]
    ).explain()

    assert plan.preprocess.parts == (
        Part("rename", ("a -> x", "b -> y")),
        Part("flatten", ("nested dicts; names are joined with '.'",)),
        Part("select", ("y", "x.z")),
    )


def test_lists_and_the_delimiter_are_named_where_they_are_flattened():
    plan = Echo(verbose=False, flatten_nested_inputs=True, flatten_lists=True, nested_field_delimiter="/").explain()

    assert "lists" in str(plan)
    assert "'/'" in str(plan)


@pytest.mark.parametrize(
    ("settings", "gives"),
    [
        ({}, "the caller's own list of records"),
        ({"feature_names": ["a"]}, "a list of new records"),
        (
            {"input_format": "numpy", "feature_names": ["a", "b"], "numpy_dtype": "float32"},
            "(records, 2); dtype: float32",
        ),
        ({"input_format": "numpy", "feature_names": ["a"]}, "dtype: the one that the cells ask for"),
    ],
)
def test_what_comes_out_is_told(settings, gives):
    assert gives in Echo(verbose=False, **settings).explain().preprocess.gives


WALKED = "a key with '.' in it, in the record itself, a, a.b"


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"feature_names": ["a.b.c", "d"]}, WALKED),
        ({"rename_fields": {"x": "a.b.c"}}, "a field that is renamed into one that holds no dict"),
        ({"input_format": "numpy", "feature_names": ["a.b"]}, "a record with a key spelt like a path: 'a.b'"),
        ({"flatten_nested_inputs": True}, "two fields that would get one name"),
        ({"input_format": "numpy", "feature_names": ["a"], "on_missing": "error"}, "a cell that is missing or None"),
        ({"input_format": "numpy", "feature_names": ["a"], "numpy_dtype": "int8"}, "a cell that does not fit int8"),
    ],
)
def test_what_is_refused_is_told(settings, refused):
    assert refused in Echo(verbose=False, **settings).explain().preprocess.refuses


def test_no_collision_is_told_where_none_is_refused():
    plan = Echo(verbose=False, feature_names=["a.b"], ignore_delimiter_collisions=True).explain()

    assert not any("key" in refusal for refusal in plan.preprocess.refuses)


@rule
@given(cases(), st.booleans())
def test_a_plan_reads_what_its_preprocessor_says_it_reads(case, array):
    _, config = case
    if array:
        config = {**config, "input_format": "numpy", "feature_names": config["feature_names"] or ["a"]}
    backend = Echo(verbose=False, **config)

    plan = backend.explain()

    assert plan.preprocess.reads == fields_read_by(backend)
    assert plan.preprocess.reads == promised_fields(get_preprocessor(BackendConfig(**config)))


@rule
@given(cases(), st.booleans())
def test_the_stages_together_are_the_interpreter(case, array):
    records, config = case
    if array:
        config = {**config, "input_format": "numpy", "feature_names": config["feature_names"] or ["a"]}
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    if isinstance(preprocessor, PassthroughPreprocessor):
        return
    description = preprocessor.describe_plan()

    def in_stages(items):
        for _, stage in description.stages:
            items = [stage(item) for item in items]
        return description.finish[1](items) if description.finish else items

    interpreted = outcome(preprocessor.interpret, records)
    if isinstance(interpreted[0], str):  # refused; the stages know no rows, and are not asked
        return
    assert likeness(in_stages(records)) == interpreted


@rule
@given(cases(), st.booleans())
def test_any_plan_is_printed_in_eighty_columns_and_is_json(case, array):
    _, config = case
    if array:
        config = {**config, "input_format": "numpy", "feature_names": config["feature_names"] or ["a"]}
    plan = Echo(verbose=False, **config).explain()

    assert max(map(len, str(plan).splitlines())) <= 80
    assert repr(plan) == str(plan)
    assert json.loads(json.dumps(plan.as_json(), allow_nan=False)) == plan.as_json()


def test_names_cannot_command_the_terminal():
    text = str(Echo(verbose=False, feature_names=["evil\x1b[2J", "two\nlines"]).explain())

    assert r"evil\x1b[2J, two\nlines" in text


def test_long_lists_are_cut_in_the_text_only():
    names = [f"field {number}" for number in range(500)]
    plan = Echo(verbose=False, rename_fields={"a": "b"}, feature_names=names).explain()

    lines = str(plan).splitlines()
    [last] = [line for line in lines if line.endswith("more")]
    shown = str(plan).count(" field ")
    assert 10 < shown < 500
    assert last.endswith(f"and {500 - shown} more")
    assert len(lines) < 40
    assert plan.as_json()["preprocess"]["parts"][1]["lines"] == names


# Code -----------------------------------------------------------------------------------------------------------------


def test_code_that_is_generated_at_once_is_there_before_any_call():
    plan = Echo(verbose=False, feature_names=["a"]).explain()

    assert plan.preprocess.code == "generated"
    compile(plan.source, "source", "exec")


def test_code_for_json_is_shown_with_the_names_of_its_attributes():
    names = ["x", "pos.lat", "two\nlines # 'quoted'"]
    plan = Echo(verbose=False, input_format="numpy", feature_names=names).explain()

    tree = ast.parse(plan.source)
    assert [(each.name, [argument.arg for argument in each.args.args][:2]) for each in tree.body] == [
        ("run", ["records", "type"]),
        ("run", ["records", "whole"]),
    ]
    _, of_json = plan.source.split("# The same where each record is cut to an object with attributes")
    assert [line.split("  # ")[1] for line in of_json.splitlines() if "  # " in line] == list(map(repr, names))


def test_code_for_layouts_is_there_once_they_have_come_up():
    backend = Echo(verbose=False, rename_fields={"a": "x"})
    before = backend.explain()
    backend([{"a": 1}] * 20)
    after = backend.explain()

    assert (before.preprocess.code, before.source) == ("learning", None)
    assert after.preprocess.code == "generated"
    assert "'x': record['a']" in after.source


def test_a_plan_that_is_interpreted_says_so():
    plan = Echo(verbose=False, rename_fields={"a.b": "x"}).explain()

    assert (plan.preprocess.code, plan.source) == ("interpreted", None)


def test_nothing_to_do_is_told_with_the_plugin_that_was_asked_for():
    plan = Echo(verbose=False).explain()

    assert plan.preprocess.plugin == "records"
    assert plan.preprocess.replaced
    assert plan.preprocess.defined_by.endswith(":PassthroughPreprocessor")
    assert not Echo(verbose=False, input_format="passthrough").explain().preprocess.replaced


# Steps ----------------------------------------------------------------------------------------------------------------


class Mixin:
    """Defines a step for others."""

    def transform_outputs(self, inputs: Any) -> Any:
        return inputs


class Whole(Mixin, Echo):
    """Has every step but the first."""

    def transform_inputs(self, inputs: Any) -> Any:
        return inputs


def test_each_step_is_told_with_the_class_that_defines_it():
    plan = Whole(verbose=False).explain()

    assert [(step.name, step.defined_by) for step in plan.steps] == [
        ("transform_inputs", f"{__name__}:Whole"),
        ("execute", "tests.support.backends:Echo"),
        ("transform_outputs", f"{__name__}:Mixin"),
    ]
    assert {step.kind for step in plan.steps} == {"function"}


def test_a_step_on_the_instance_goes_before_the_class():
    backend = Echo(verbose=False)
    backend.transform_inputs = lambda inputs: inputs

    [first, second] = backend.explain().steps

    assert (first.name, first.on_instance, first.defined_by) == (
        "transform_inputs",
        True,
        "tests.support.backends:Echo",
    )
    assert (second.name, second.on_instance) == ("execute", False)
    assert "set on the instance" in str(backend.explain())


def _logged(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any) -> Any:
        return function(*arguments)

    return wrapper


def _give(inputs: Any, *_: Any) -> Any:
    return inputs


class Callable_:
    """A step that is an object."""

    def __call__(self, inputs: Any) -> Any:
        return inputs


@pytest.mark.parametrize(
    ("step", "kind", "written"),
    [
        (staticmethod(_give), "function", _give),
        (staticmethod(_logged(_give)), "function", _give),
        (staticmethod(functools.partial(_give)), "functools:partial", _give),
        (Callable_(), f"{__name__}:Callable_", None),
        (staticmethod(len), "function", None),
    ],
)
def test_a_wrapped_step_is_told_by_what_was_written(step, kind, written):
    backend = type("Stepping", (InferenceBackend,), {"execute": step})(verbose=False)

    [found] = backend.explain().steps

    assert found.kind == kind
    assert found.line == (written and written.__code__.co_firstlineno)
    assert found.file == (written and __file__)


class OwnCall(Echo):
    """Decides for itself what a call does."""

    explain = "means something else here"

    def __call__(self, inputs: Any) -> Any:
        return inputs


def test_a_call_of_its_own_is_told_and_a_name_of_its_own_respected():
    assert explain(OwnCall(verbose=False)).own_call
    assert "__call__ of its own" in str(explain(OwnCall(verbose=False)))
    assert not Echo(verbose=False).explain().own_call


# Plugins --------------------------------------------------------------------------------------------------------------


class Silent(Preprocessor):
    """Says nothing of itself."""

    def __call__(self, records: Any) -> Any:
        return records


class Telling(Preprocessor):
    """Says what it does."""

    def describe_plan(self) -> Description:
        return Description((Part("double", ("n",)),), gives="numbers", stages=(("double", lambda row: 2 * row["n"]),))

    def __call__(self, records: Any) -> Any:
        return [2 * row["n"] for row in records]


class Heir(Telling):
    """Does something else than the class that it comes from."""

    def __call__(self, records: Any) -> Any:
        return records


def test_a_built_in_preprocessor_is_told_with_its_distribution():
    plan = Echo(verbose=False, feature_names=["a"]).explain()

    assert (plan.preprocess.plugin, plan.preprocess.distribution) == ("records", "packflow")
    assert plan.preprocess.version == plugin.find("preprocessor", "records").version


@pytest.mark.parametrize("kind", [Silent, Heir])
def test_a_preprocessor_that_says_nothing_is_told_by_its_name_and_class(kind):
    with plugin.register("preprocessor", "mine", kind):
        backend = Echo(verbose=False, input_format="mine")
        plan = backend.explain([{"n": 1}])

    assert (plan.preprocess.plugin, plan.preprocess.distribution) == ("mine", None)
    assert plan.preprocess.defined_by == f"{__name__}:{kind.__name__}"
    assert (plan.preprocess.parts, plan.preprocess.code, plan.source) == (None, None, None)
    assert plan.times.stages == {}
    assert "mine, registered by the program" in str(plan)
    assert explain(backend).preprocess.defined_by == plan.preprocess.defined_by  # the name means nothing any more


def test_a_name_that_means_another_plugin_by_now_gives_no_distribution():
    with plugin.register("preprocessor", "records", Silent, replace=True):
        backend = Echo(verbose=False)

    assert backend.explain().preprocess.distribution is None


def test_a_plugin_may_tell_as_much_as_a_built_in_one():
    with plugin.register("preprocessor", "mine", Telling):
        backend = stepping(execute=lambda numbers: [{"n": number} for number in numbers])(
            verbose=False, input_format="mine"
        )

    plan = backend.explain([{"n": 1}, {"n": 2}])

    assert part_names(plan) == ["double"]
    assert plan.preprocess.gives == "numbers"
    assert list(plan.times.stages) == ["double"]


# Times ----------------------------------------------------------------------------------------------------------------


def test_before_any_call_there_are_no_times():
    plan = Echo(verbose=False).explain()

    assert plan.times is None
    assert "No call has been completed yet" in str(plan)


def test_the_times_of_calls_are_added_up():
    backend = Whole(verbose=False)
    spent = []
    for size in (1, 2, 0):
        backend([{"n": 1}] * size)
        spent.append(backend.get_metrics())

    times = backend.explain().times

    assert (times.of, times.calls, times.records, times.stages) == ("calls", 3, 3, {})
    assert list(times.steps) == ["preprocess", "transform_inputs", "execute", "transform_outputs"]
    executed = [each.execution_times.execute for each in spent]
    assert times.steps["execute"] == pytest.approx((sum(executed), sorted(executed)[1]))
    assert times.total == pytest.approx(sum(each.total_execution_time for each in spent))
    assert "3 calls, 3 records" in str(backend.explain())
    assert backend.explain().as_json()["times"]["steps"]["execute"] == times.steps["execute"]._asdict()


def test_a_failed_call_does_not_count():
    backend = stepping(execute=lambda rows: [{"n": 1 / row["n"]} for row in rows])(verbose=False)
    backend({"n": 1})
    with pytest.raises(InferenceBackendRuntimeError):
        backend({"n": 0})

    assert backend.explain().times.calls == 1


def test_only_the_last_calls_are_remembered():
    backend = Echo(verbose=False)
    backend([{}, {}])
    for _ in range(RECENT_CALLS):
        backend({})

    times = backend.explain().times
    assert (times.calls, times.records) == (RECENT_CALLS, RECENT_CALLS)


def test_a_batch_of_no_records_is_printed():
    backend = Echo(verbose=False)
    backend([])

    assert "1 call, 0 records" in str(backend.explain())
    assert "1 call with the given records, 0 records" in str(backend.explain([]))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda backend: pickle.loads(pickle.dumps(backend))])
def test_a_copy_has_the_last_call_and_remembers_its_own(copied):
    backend = Echo(verbose=False)
    for _ in range(5):
        backend({})
    twin = copied(backend)

    assert twin.explain().times.calls == 1
    twin([{}, {}])
    twin([{}, {}])
    assert twin.explain().times.calls == 3
    assert backend.explain().times.calls == 5


def test_a_call_that_is_added_while_others_are_read_does_no_harm():
    class Changing(RecentCalls):
        disturbed = False

        def __iter__(self):
            found = super().__iter__()
            if not self.disturbed:
                self.disturbed = True
                self.append((1, 0, 1, None, 2, None))
            return found

    calls = Changing()
    calls.append((1, 0, 1, None, 2, None))

    assert len(calls.now()) == 2


def test_times_are_of_whole_calls_whichever_threads_make_them():
    backend = Whole(verbose=False)
    done = threading.Event()
    seen = []

    def watch():
        while True:  # once at least, however late this thread gets the processor
            seen.append((backend.explain().times, copy.deepcopy(backend).explain().times))
            if done.is_set():
                break

    with ThreadPoolExecutor(5) as threads:
        watching = threads.submit(watch)
        list(threads.map(backend, [[{"n": 1}] * 3] * 2_000))
        done.set()
        watching.result()

    assert seen
    for times in [each for pair in seen for each in pair if each is not None]:
        assert times.records == 3 * times.calls
        assert len(times.steps) == 4


# Running records ------------------------------------------------------------------------------------------------------

RECORDS = [{"a": {"b": number}, "c": number} for number in range(10)]


@pytest.mark.parametrize(
    ("settings", "stages"),
    [
        ({}, []),
        ({"feature_names": ["c"]}, ["select"]),
        ({"rename_fields": {"c": "x"}, "feature_names": ["x"]}, ["rename", "select"]),
        ({"flatten_nested_inputs": True}, ["flatten", "join"]),
        ({"flatten_nested_inputs": True, "rename_fields": {"c": "x"}}, ["flatten", "rename", "join"]),
        ({"input_format": "numpy", "feature_names": ["a.b"]}, ["check", "select", "array"]),
        (
            {"input_format": "numpy", "feature_names": ["a.b"], "rename_fields": {"c": "x"}},
            ["rename", "select", "array"],
        ),
        (
            {"input_format": "numpy", "feature_names": ["a.b"], "flatten_nested_inputs": True},
            ["select", "array"],  # the cells' own leaves are looked up; nothing is flattened
        ),
        (
            {
                "input_format": "numpy",
                "feature_names": ["a.b"],
                "flatten_nested_inputs": True,
                "rename_fields": {"c": "x"},
            },
            ["flatten", "rename", "select", "array"],
        ),
    ],
)
def test_given_records_are_run_and_preprocessing_is_timed_in_stages(settings, stages):
    batches = []

    def execute(data):
        batches.append(data)
        return [{} for _ in data]

    backend = stepping(execute=execute)(verbose=False, **settings)
    plan = backend.explain(RECORDS, calls=2)

    assert likeness(batches) == likeness([get_preprocessor(BackendConfig(**settings))(RECORDS)] * 2)
    assert (plan.times.of, plan.times.calls, plan.times.records) == ("records", 2, 20)
    assert list(plan.times.steps) == ["preprocess", "execute"]
    assert list(plan.times.stages) == stages
    assert all(time.total >= time.median > 0 for time in (*plan.times.steps.values(), *plan.times.stages.values()))
    assert ("interpreted" in str(plan).split("Times")[1]) == bool(stages)


def test_running_records_is_no_call():
    heard = []

    class Ears:
        @staticmethod
        @plugin.hookimpl
        def packflow_call_finished(metrics):
            heard.append(metrics)

        @staticmethod
        @plugin.hookimpl
        def packflow_call_failed(step):
            heard.append(step)

    with plugin.register("hooks", "test-ears", Ears()):
        backend = stepping(execute=lambda rows: [{"n": 1 / row["n"]} for row in rows])(verbose=False)
        backend.explain({"n": 1})
        with pytest.raises(InferenceBackendRuntimeError, match="in step 'execute'"):
            backend.explain({"n": 0})

    assert heard == []
    assert backend.explain().times is None


def test_what_a_call_refuses_is_refused():
    backend = Echo(verbose=False, feature_names=["a.b"])

    with pytest.raises(PreprocessorRuntimeError, match="row 1"):
        backend.explain([{}, {"c.d": 1}])
    with pytest.raises(InferenceBackendValidationError, match="Inputs must be"):
        backend.explain("text")
    with pytest.raises(InferenceBackendValidationError, match="exactly one row"):
        stepping(execute=lambda rows: rows * 2)(verbose=False).explain({})
    for calls in (0, 1.5, True):
        with pytest.raises(InferenceBackendValidationError, match="calls="):
            backend.explain([{}], calls=calls)


def test_stages_see_the_records_before_the_steps_change_what_they_share():
    def execute(rows):
        for row in rows:
            row["a"].append(object())
            row["a"][0] = None
        return rows

    backend = stepping(execute=execute)(verbose=False, input_format="records", feature_names=["a"])

    assert backend.explain([{"a": [1]}]).times.stages


def test_a_closed_backend_and_one_that_was_not_set_up_say_so():
    with Echo(verbose=False) as backend:
        pass

    with pytest.raises(InferenceBackendRuntimeError, match="is closed"):
        backend.explain()
