"""packflow's logger: what ``PACKFLOW_LOG_LEVEL`` lets through, whose line is shown, and whose handlers these are."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from typing import Any

import pytest
from loguru import logger as host_logger

from packflow import InferenceBackend
from packflow.utils import log
from tests.conftest import RunScript
from tests.support.backends import Echo
from tests.support.logs import Captured
from tests.support.scripts import clean_environment
from tests.support.threads import meanwhile

VARIABLE = "PACKFLOW_LOG_LEVEL"
LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
JUNK = [
    "loud",
    "INFO,DEBUG",
    "-5",
    "1.5",
    "1e3",
    "0x10",
    "²",
    "None",
    "{}",
    "{x}",
    "<red>",
    "%s",
    "level\nwith lines",
    "9" * 5000,
    "\udcff",
]


def shown(monkeypatch: pytest.MonkeyPatch, logs: Captured, value: str | None) -> list[str]:
    """Give the levels that come through when the variable has a value (None: it is not set)."""
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    for name in LEVELS:
        getattr(log.logger, name.lower())(f"at {name}")
    return [line.level for line in logs if line.text.startswith("at ")]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "spelling",
    [str, str.lower, str.title, lambda level: f" {level} ", lambda level: str(LEVELS[level])],
    ids=["upper", "lower", "title", "spaces", "number"],
)
def test_the_variable_sets_the_level(
    level: str, spelling: Any, monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    expected = [name for name, number in LEVELS.items() if number >= LEVELS[level]]
    assert shown(monkeypatch, logs, spelling(level)) == expected
    assert len(logs) == len(expected)


@pytest.mark.parametrize("spelling", [str, str.lower, str.title])
@pytest.mark.parametrize(("other", "level"), [("WARN", "WARNING"), ("FATAL", "CRITICAL")])
def test_names_of_other_libraries_are_known(
    other: str, level: str, spelling: Any, monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    assert shown(monkeypatch, logs, spelling(other)) == [name for name in LEVELS if LEVELS[name] >= LEVELS[level]]
    assert len(logs) == len(LEVELS) - list(LEVELS).index(level)


@pytest.mark.parametrize(("number", "first"), [("0", "TRACE"), ("11", "INFO"), ("21", "SUCCESS"), ("50", "CRITICAL")])
def test_numbers_between_levels(number: str, first: str, monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    assert shown(monkeypatch, logs, number)[0] == first


@pytest.mark.parametrize("number", ["51", "100", "1000000"])
def test_numbers_above_every_level_are_silent(number: str, monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    assert shown(monkeypatch, logs, number) == []


@pytest.mark.parametrize("value", [None, "", "   "])
def test_unset_and_empty_let_everything_through(
    value: str | None, monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    assert shown(monkeypatch, logs, value) == list(LEVELS)
    assert len(logs) == len(LEVELS)


@pytest.mark.parametrize("value", JUNK, ids=lambda value: ascii(value[:12]))
def test_junk_lets_everything_through_and_is_warned_of_once(
    value: str, monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    assert shown(monkeypatch, logs, value) == list(LEVELS)
    (warning,) = [line for line in logs if not line.text.startswith("at ")]
    assert warning.level == "WARNING"
    assert VARIABLE in warning.text
    assert all(name in warning.text for name in LEVELS)
    assert "\n" not in warning.text
    assert len(warning.text) < 1000
    log.logger.info("again")
    assert len(logs) == len(LEVELS) + 2


def test_a_level_of_the_hosts_own_may_be_named(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    host_logger.level("PACKFLOW-TEST", no=33)
    assert shown(monkeypatch, logs, "PACKFLOW-TEST") == ["ERROR", "CRITICAL"]


def test_the_level_governs_backends_too(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    class Talks(Echo):
        def initialize(self) -> None:
            self.logger.info("quiet")
            self.logger.warning("heard")

    monkeypatch.setenv(VARIABLE, "WARNING")
    Talks()({"a": 1})
    assert logs.texts() == ["heard"]


def test_the_level_leaves_the_hosts_own_messages_alone(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    monkeypatch.setenv(VARIABLE, "ERROR")
    log.logger.info("packflow's")
    host_logger.debug("the host's")
    assert logs.texts() == ["the host's"]


@pytest.mark.parametrize("level", ["WARNING", 30])
def test_log_takes_names_and_numbers(level: str | int, monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    monkeypatch.setenv(VARIABLE, "30")
    log.logger.log(level, "heard")
    log.logger.log("INFO", "quiet")
    log.logger.log(29, "quiet")
    assert logs.texts() == ["heard"]


def test_log_refuses_unknown_levels() -> None:
    with pytest.raises(ValueError, match="NOLEVEL"):
        log.logger.log("NOLEVEL", "text")


DERIVED = {
    "plain": lambda logger: logger,
    "bind": lambda logger: logger.bind(a=1),
    "bind twice": lambda logger: logger.bind(a=1).bind(b=2),
    "opt": lambda logger: logger.opt(colors=True),
    "patch": lambda logger: logger.patch(lambda record: record["extra"].update(c=3)),
    "all": lambda logger: logger.bind(a=1).patch(lambda record: None).opt(lazy=False),
}


@pytest.mark.parametrize("derive", DERIVED.values(), ids=list(DERIVED))
@pytest.mark.parametrize("method", [*map(str.lower, LEVELS), "exception", "log"])
def test_the_callers_line_is_shown_and_the_level_holds(
    derive: Any, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Any] = []
    handler = host_logger.add(lambda message: records.append(message.record), level=0)
    arguments = ("INFO", "text") if method == "log" else ("text",)
    try:
        logger = derive(log.logger)
        getattr(logger, method)(*arguments)
        line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
        monkeypatch.setenv(VARIABLE, "51")
        monkeypatch.setattr(log, "_threshold", None)
        getattr(logger, method)(*arguments)
    finally:
        host_logger.remove(handler)
    (record,) = records
    assert record["name"] == __name__
    assert record["function"] == "test_the_callers_line_is_shown_and_the_level_holds"
    assert record["line"] == line


def test_messages_are_formatted_as_loguru_does(logs: Captured) -> None:
    log.logger.info("{} and {name}", 1, name="two")
    log.logger.info("{not formatted}")
    log.logger.log("INFO", "{}", 3)
    log.logger.opt(lazy=True).info("{}", lambda: 4)
    assert logs.texts() == ["1 and two", "{not formatted}", "3", "4"]


def test_what_is_held_back_is_not_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "INFO")
    asked: list[int] = []
    log.logger.opt(lazy=True).debug("{}", lambda: asked.append(1))
    assert asked == []


def test_exceptions_and_extras_arrive() -> None:
    records: list[Any] = []
    handler = host_logger.add(lambda message: records.append(message.record), level=0)
    try:
        try:
            raise KeyError("lost")
        except KeyError as error:
            log.logger.bind(part=1).exception("failed")
            log.logger.opt(exception=error).error("failed")
        log.logger.bind(part=2).patch(lambda record: record["extra"].update(more=3)).info("text")
    finally:
        host_logger.remove(handler)
    first, second, third = records
    assert first["exception"].type is second["exception"].type is KeyError
    assert (first["level"].name, first["extra"]) == ("ERROR", {"part": 1})
    assert third["extra"] == {"part": 2, "more": 3}


def test_the_rest_of_loguru_is_there(logs: Captured) -> None:
    @log.logger.catch(message="caught")
    def fails() -> None:
        raise ValueError("inside")

    fails()
    with log.logger.contextualize(request=1):
        log.logger.info("inside")
    assert [line.text for line in logs] == ["caught", "inside"]


def test_a_program_may_set_another_default(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    monkeypatch.setattr(log, "_default_level", log._default_level)
    log.set_default_level("WARNING")
    log.logger.info("quiet")
    log.logger.warning("heard")
    assert logs.texts() == ["heard"]
    monkeypatch.setenv(VARIABLE, "INFO")
    log.set_default_level("WARNING")
    log.logger.info("asked for")
    assert logs.texts() == ["heard", "asked for"]


def test_junk_leaves_the_programs_default(monkeypatch: pytest.MonkeyPatch, logs: Captured) -> None:
    monkeypatch.setattr(log, "_default_level", log._default_level)
    monkeypatch.setenv(VARIABLE, "loud")
    log.set_default_level("WARNING")
    log.logger.info("quiet")
    log.logger.error("heard")
    assert logs.texts()[1:] == ["heard"]
    assert "the level is WARNING" in logs.texts()[0]


def test_every_backend_has_it(logs: Captured) -> None:
    class Talks(InferenceBackend):
        def execute(self, inputs: Any) -> Any:
            self.logger.bind(a=1).success("executing")
            return inputs

    Talks(verbose=False)({"a": 1})
    assert logs.texts("SUCCESS") == ["executing"]
    assert logs[-1].where == f"{__name__}:execute"


# In a process of its own --------------------------------------------------------------------------------------------

HANDLERS = """
    import io, logging, warnings
    import loguru
    from loguru import logger

    def state():
        core = logger._core
        return (
            list(core.handlers.items()),
            core.min_level,
            list(core.activation_list),
            list(logging.root.handlers),
            logging.root.level,
            logging.lastResort,
            list(warnings.filters),
            dict(core.levels),
        )

    {before}
    was = state()
    import packflow
    from packflow import BackendConfig, InferenceBackend
    import packflow.loaders, packflow.backend.preprocessors, packflow.utils.normalize, packflow.utils.log
    assert state() == was, "the import changed something"

    class Backend(InferenceBackend):
        def execute(self, inputs):
            return inputs

    Backend()({{"a": 1}})
    assert state() == was, "a call changed something"
    {after}
"""


@pytest.mark.parametrize("level", [None, "", "DEBUG", "ERROR", "loud"])
def test_the_hosts_handlers_are_left_alone(level: str | None, script: RunScript) -> None:
    source = HANDLERS.format(
        before="logger.remove(); stream = io.StringIO(); logger.add(stream, format='{level} {message}', level='INFO')",
        after="print(stream.getvalue(), end='')",
    )
    result = script(source, env={} if level is None else {VARIABLE: level})
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert ("Initialized Backend" in result.stdout) == (level != "ERROR")
    assert "Loaded raw configuration" not in result.stdout  # the host's own handler asks for INFO
    assert result.stdout.count(VARIABLE) == (level == "loud")


def test_a_host_without_handlers_stays_silent(script: RunScript) -> None:
    result = script(HANDLERS.format(before="logger.remove()", after=""))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_host_may_disable_packflow(script: RunScript) -> None:
    result = script(HANDLERS.format(before="logger.disable('packflow')", after="logger.info('my own')"))
    assert result.returncode == 0, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.endswith("my own")


def test_the_default_output_is_that_of_loguru_itself_on_stderr(script: RunScript) -> None:
    result = script(HANDLERS.format(before="", after="logger.info('my own')"))
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 6
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \| [A-Z]+ {0,7} \| [\w.]+:[\w<>]+:\d+ - .+"
    assert all(re.fullmatch(pattern, line) for line in lines)


@pytest.mark.parametrize("value", [*JUNK, "INFO", "20", ""], ids=lambda v: ascii(v[:12]))
def test_no_value_breaks_import_or_call(value: str) -> None:
    source = """
import packflow
from packflow import InferenceBackend
class Backend(InferenceBackend):
    def execute(self, inputs): return inputs
print(Backend()({"a": 1}), Backend()({"a": 2}))
"""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        env=clean_environment(**{VARIABLE: value}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "{'a': 1} {'a': 2}\n"
    assert result.stderr.count(VARIABLE) == (value in JUNK)
    assert "Traceback" not in result.stderr


def test_a_default_level_counts_that_is_set_while_another_thread_works_the_level_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(log, "_default_level", 0)
    monkeypatch.setattr(log, "_threshold", None)
    level_number = log.level_number

    def level_number_meanwhile(level: str | int) -> int | None:
        found = level_number(level)
        if level == "INFO":
            meanwhile(lambda: log.set_default_level("ERROR"))
        return found

    monkeypatch.setattr(log, "level_number", level_number_meanwhile)
    log.set_default_level("INFO")
    assert log.threshold() == 40
    assert not log.hears(30)


def test_a_level_that_is_set_while_another_thread_warns_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "junk")
    monkeypatch.setattr(log, "_default_level", 0)
    monkeypatch.setattr(log, "_threshold", None)
    handler = host_logger.add(lambda _: meanwhile(lambda: log.set_default_level("ERROR"), within=1) and None)
    try:
        assert log.threshold() == 0
    finally:
        host_logger.remove(handler)
    assert log.threshold() == 40
