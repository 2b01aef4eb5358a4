"""The one function of validation: look at the files, run the samples elsewhere, and put the checks together."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packflow.exceptions import PluginError, ProjectError
from packflow.project.config import ProjectConfig
from packflow.project.config_file import NAME
from packflow.project.project import SAMPLES, PackflowProject
from packflow.project.requirements import Requirements, read_requirements
from packflow.project.requirements.lines import parse_requirement
from packflow.project.validation import DEFAULT_TIMEOUT
from packflow.project.validation.environment import check_python, check_requirements, check_used
from packflow.project.validation.files import check_about, check_code, check_recommended, read_samples
from packflow.project.validation.judging import Judged, judge_run, skipped_run
from packflow.project.validation.report import Check, RanWith, SampleFailure, ValidationReport
from packflow.project.validation.running import run_apart
from packflow.project.validation.usage import (
    distributions_of,
    imported_by_project,
    lock_of,
    ran_with_distributions,
    read_usage,
)
from packflow.utils.processes.watching import Ending
from packflow.utils.secrets import MASK, Redactor, looks_secret

#: Is told what is being done.
Progress = Callable[[str], None]

#: A value of ``env`` that is shorter stands in too many texts by chance, and is taken out only where it is a secret's.
_SHORTEST = 4


def validate_project(
    project: PackflowProject | str | os.PathLike[str] = ".",
    *,
    timeout: float = DEFAULT_TIMEOUT,
    progress: Progress | None = None,
) -> ValidationReport:
    """Say whether a project is fit to be handed on: its files, its environment, and what becomes of its samples.

    Example:
        >>> from pathlib import Path
        >>> from packflow.project.validation import validate_project
        >>> _ = Path("packflow.yaml").write_text("{name: echo, version: 1.0, inference_backend: 'inference:Echo'}")
        >>> _ = Path("inference.py").write_text('''
        ... from packflow import InferenceBackend
        ... class Echo(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return inputs
        ... ''')
        >>> _ = Path("samples.jsonl").write_text('{"number": 1}')
        >>> report = validate_project(".")
        >>> report.passed, report.outputs
        (True, 1)

    The backend is loaded, and given the samples by its ``validate()``, in a process of its own; nothing of the
    project's code is imported into this one. What the code prints, and how it ends, changes nothing in this process.
    The values of ``env`` are set there, and taken out of all that the report says.

    Args:
        project: the project, its folder, or its ``packflow.yaml``.
        timeout: how long the project's code may run, in seconds; then its process is ended.
        progress: is called with what is being done, in words.

    Returns:
        The report. A ``packflow.yaml`` that is wrong is one of its failed checks.

    Raises:
        ProjectError: there is no project, as there is no folder or no ``packflow.yaml`` in it.
        ValueError: `timeout` is no length of time.
    """
    if not 0 < timeout < math.inf:  # which is not so for NaN either
        raise ValueError(f"timeout is {timeout!r}, where a number of seconds above 0 is expected.")
    say = progress or _silent
    say("reading the files")
    config, folder, checked = _read_config(project)
    checks = [checked]
    if config is not None:
        checks += filter(None, (check_about(config), check_code(config, folder)))
    samples = read_samples(folder / SAMPLES)
    requirements = read_requirements(folder)
    checks += [samples.check, *check_recommended(folder)]
    say("looking at what is installed")
    python = check_python(config, requirements)
    checks += [python, check_requirements(requirements, folder)]
    if config is None:
        return ValidationReport(
            None, None, str(folder), (*checks, *_skipped("packflow.yaml is wrong")), samples.records
        )
    if python.status == "failed":
        skipped = _skipped("this is not the Python that the project asks for")
        return ValidationReport(config.name, config.version, str(folder), (*checks, *skipped), samples.records)
    say(f"running {samples.records} sample{'s' * (samples.records != 1)}" if samples.records else "loading the backend")
    ending = run_apart(folder, with_samples=samples.records > 0, timeout=timeout)
    judged = _judged(ending, str(folder), samples.records, timeout)
    ran_with, plugins, locked = _used(ending.answer or {}, judged, config)
    if ran_with is not None:
        checks[-1] = _checked_again(checks[-1], requirements, ending.answer or {}, ran_with)
    report = ValidationReport(
        config.name,
        config.version,
        str(folder),
        (*checks, *judged.checks, locked),
        samples.records,
        judged.outputs,
        judged.failures,
        ran_with,
        plugins,
    )
    return _scrubbed(report, config)


def _silent(what: str) -> None:
    """Tell nobody."""


def _read_config(project: PackflowProject | str | os.PathLike[str]) -> tuple[ProjectConfig | None, Path, Check]:
    """Give what ``packflow.yaml`` says, the folder, and whether it is right."""
    try:
        found = project if isinstance(project, PackflowProject) else PackflowProject(project)
    except ProjectError as error:
        file = Path(error.file) if error.file else None
        if file is None or file.name != NAME or not file.exists():
            raise
        place = f"{file}, line {error.line}: " if error.line else f"{file}: "
        what = str(error).removeprefix(place).rstrip(".")
        where = f"{NAME}:{error.line}" if error.line else NAME
        return None, file.parent, Check("config", "failed", what, f"Correct {NAME}.", where)
    return found.config, found.path, Check("config", "passed", f"{NAME} is valid")


def _skipped(why: str) -> list[Check]:
    return [*skipped_run(why), Check("plugins", "skipped", why)]


def _judged(ending: Ending, folder: str, samples: int, timeout: float) -> Judged:
    try:
        return judge_run(ending, folder, samples, timeout)
    except (AttributeError, KeyError, TypeError, ValueError):  # the project's code has found the key, and lies badly
        return judge_run(ending._replace(answer=None, begun=True), folder, samples, timeout)


def _used(
    answer: dict[str, Any], judged: Judged, config: ProjectConfig
) -> tuple[RanWith | None, dict[str, Any] | None, Check]:
    """Say what the samples ran with, if they got through."""
    if judged.outputs is None:
        return None, None, Check("plugins", "skipped", "the samples did not get through")
    usage = read_usage(answer)
    ran_with = RanWith(platform.python_version(), ran_with_distributions(usage))
    try:
        plugins, problems = lock_of(usage.plugins, {**config.env, **os.environ})
    except PluginError as error:
        return ran_with, None, Check("plugins", "failed", str(error), "Correct the settings of plugins.")
    names = sorted({f"{distribution}/{name}" for _, name, distribution in usage.plugins})
    used = f"the samples used {', '.join(names)}" if names else "the samples used none"
    if problems:
        remedy = "Reinstall each with pip: pip install --force-reinstall NAME==VERSION"
        return (
            ran_with,
            plugins,
            Check("plugins", "warning", f"{used}; not all can be locked", remedy, "", tuple(problems)),
        )
    return ran_with, plugins, Check("plugins", "passed", used)


def _checked_again(check: Check, requirements: Requirements, answer: dict[str, Any], ran_with: RanWith) -> Check:
    """Say whether what is required brings what the samples ran with; hooks run because they are installed."""
    usage = read_usage(answer)
    used = [*usage.plugins, *usage.listeners]
    hooks = [parse_requirement(name, "", None) for kind, _, name in used if kind == "hooks"]
    requirements = requirements._replace(entries=(*requirements.entries, *hooks))
    return check_used(check, requirements, ran_with.distributions, distributions_of(imported_by_project(usage.modules)))


def _scrubbed(report: ValidationReport, config: ProjectConfig) -> ValidationReport:
    """Take secrets out of all that the project's code, or its exceptions, have said."""
    redactor = Redactor()
    redactor.redact(config.backend_config)
    hidden = [value for name, value in config.env.items() if value and (len(value) >= _SHORTEST or looks_secret(name))]
    hidden.sort(key=len, reverse=True)  # one may be part of another

    def scrub(text: str) -> str:
        for value in hidden:
            text = text.replace(value, MASK)
        return redactor.scrub(text)

    return report._replace(
        checks=tuple(
            Check(
                check.name,
                check.status,
                scrub(check.detail),
                scrub(check.remedy),
                scrub(check.where),
                tuple(map(scrub, check.lines)),
            )
            for check in report.checks
        ),
        failures=tuple(
            SampleFailure(
                failure.line,
                failure.step,
                failure.exception,
                scrub(failure.message),
                scrub(failure.where),
                tuple(map(scrub, failure.causes)),
            )
            for failure in report.failures
        ),
    )
