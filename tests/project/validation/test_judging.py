"""How a process ended, put into checks: only a whole answer that fits the samples passes."""

from __future__ import annotations

from typing import Any

import pytest

from packflow.project.validation.judging import Judged, judge_run
from packflow.utils.processes.watching import Ending

ROW = {"doubled": 2}
ANSWER: dict[str, Any] = {"complete": True, "stage": "close", "outputs": [ROW, ROW], "modules": {}, "plugins": []}
FAILURE: dict[str, Any] = {
    "step": None,
    "row": None,
    "exception": "InferenceBackendLoadError",
    "message": "it has no 'Model'",
    "where": "",
    "installed": False,
    "causes": [],
    "told": "/home/me/iris/packflow.yaml, line 4: inference_backend: it has no 'Model'.",
    "exits": False,
    "own": False,
    "lacking": "",
    "missing_file": "",
}


def judge(answer: dict[str, Any] | None = ANSWER, samples: int = 2, **ending: Any) -> Judged:
    found: dict[str, Any] = {"status": 0, "begun": True, "ended": {}, **ending}
    return judge_run(Ending(answer=answer, **found), "/home/me/iris", samples, 5.0)


def statuses(judged: Judged) -> list[str]:
    return [check.status for check in judged.checks]


def test_a_whole_answer_passes() -> None:
    judged = judge()
    assert statuses(judged) == ["passed"] * 4
    assert judged.outputs == 2


@pytest.mark.parametrize("outputs", [None, [], [ROW], [ROW] * 3, [ROW, 2], {"0": ROW, "1": ROW}, "ab"])
def test_outputs_that_do_not_fit_the_samples_do_not_pass(outputs: Any) -> None:
    judged = judge({**ANSWER, "outputs": outputs})
    assert judged.outputs is None
    assert statuses(judged)[1] == "failed"


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        ({"answer": None}, "backend"),
        ({"answer": {}}, "backend"),
        ({"answer": {"stage": "nonsense", "complete": True}}, "backend"),
        ({"answer": None, "begun": False, "status": 1, "stderr": "Fatal Python error: no memory"}, "backend"),
        ({"answer": None, "begun": False, "status": None, "timed_out": True}, "backend"),
        ({"answer": {**ANSWER, "complete": False, "stage": "load"}}, "backend"),
        ({"answer": {**ANSWER, "complete": False, "stage": "samples"}}, "samples"),
        ({"answer": {**ANSWER, "complete": False}}, "ending"),
        ({"ended": None}, "ending"),
        ({"status": 1}, "ending"),
        ({"status": -11}, "ending"),
        ({"status": None, "timed_out": True}, "ending"),
    ],
)
def test_whatever_is_missing_fails(ending: dict[str, Any], name: str) -> None:
    judged = judge(**ending)
    failed = [check for check in judged.checks if check.status == "failed"]
    assert [check.name for check in failed] == [name]
    assert failed[0].remedy
    assert [check.name for check in judged.checks] == ["backend", "samples", "ending", "output"]


def test_where_packflow_cannot_be_loaded_the_last_line_is_told() -> None:
    judged = judge(None, begun=False, status=1, stderr="Traceback\nImportError: no pydantic\n")
    assert judged.checks[0].detail.endswith("before the project's code was loaded: ImportError: no pydantic")
    told = judge({"stage": "packflow", "complete": True, "failure": {**FAILURE, "told": "ImportError: no pydantic"}})
    assert told.checks[0].detail == "packflow cannot be loaded: ImportError: no pydantic"


def test_a_failure_of_the_configuration_is_placed_there() -> None:
    backend, samples, *_ = judge({**ANSWER, "failure": FAILURE, "outputs": None}).checks
    assert (backend.detail, backend.where) == ("it has no 'Model'", "packflow.yaml:4")
    assert samples.status == "skipped"


@pytest.mark.parametrize(
    ("own", "where"), [(False, "packflow.yaml:9"), (True, "/site/acme/model.py:5, in load: raise Missing(")]
)
def test_nobody_is_to_correct_the_code_of_an_installed_package(own: bool, where: str) -> None:
    told = "/home/me/iris/packflow.yaml, line 9: backend_config.model_path: there is no such model"
    place = {"where": "/site/acme/model.py:5, in load: raise Missing(", "installed": True, "own": own}
    failure = {**FAILURE, **place, "told": told, "step": "initialize"}
    backend = judge({**ANSWER, "failure": failure, "outputs": None}).checks[0]
    assert (backend.where, backend.remedy) == (
        where,
        "Correct what packflow.yaml says of it, or the file that it names.",
    )
    failures = [{**failure, "line": 1, "step": "execute"}]
    samples = judge({**ANSWER, "failure": failure, "failures": failures, "outputs": None}).checks[1]
    assert samples.remedy == "Correct the samples, or what packflow.yaml says of the backend."


def test_a_missing_module_is_to_be_installed() -> None:
    failure = {**FAILURE, "own": True, "exception": "ModuleNotFoundError", "message": "no torch", "lacking": "torch.nn"}
    backend = judge({**ANSWER, "failure": failure}).checks[0]
    assert backend.detail == "ModuleNotFoundError: no torch"
    assert "'torch'" in backend.remedy


def test_samples_that_fail_together_only() -> None:
    failure = {**FAILURE, "own": True, "exception": "ValueError", "message": "too many", "step": "execute"}
    answer = {**ANSWER, "failure": failure, "failures": [{**failure, "line": None}], "together": True}
    samples = judge(answer).checks[1]
    assert samples.detail == "the 2 samples fail together, though each of them passes alone"
    assert samples.lines == ("all samples: ValueError: too many (in step 'execute')",)


def test_a_backend_that_is_only_loaded_has_no_samples() -> None:
    assert statuses(judge({**ANSWER, "outputs": None}, samples=0)) == ["passed", "skipped", "passed", "passed"]


def test_samples_that_fail_alike_are_told_once() -> None:
    failures = [{**FAILURE, "line": line, "message": "no n" if line != 3 else "no m"} for line in (1, 3, 4, 6)]
    judged = judge({**ANSWER, "outputs": None, "failure": failures[0], "failures": failures}, samples=4)
    assert judged.checks[1].lines == (
        "samples.jsonl:1, and lines 4, 6 likewise: InferenceBackendLoadError: no n",
        "samples.jsonl:3: InferenceBackendLoadError: no m",
    )
    assert [failure.line for failure in judged.failures] == [1, 3, 4, 6]


def test_a_backend_that_was_not_loaded_was_not_closed() -> None:
    ending = judge({**ANSWER, "stage": "load", "failure": FAILURE, "outputs": None}).checks[2]
    assert (ending.status, ending.detail) == ("passed", "the process ended by itself")
