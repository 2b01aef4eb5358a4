"""What a validation says, as data: its checks, the samples that failed, and what the samples ran with."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

#: Every status, from the best to the one that says least.
STATUSES: Final = ("passed", "failed", "warning", "skipped")

#: Every check by its name, in the order in which they are made.
CHECKS: Final = MappingProxyType(
    {
        "config": "`packflow.yaml` can be read, and its fields are right",
        "about": "`description` and `maintainers` are filled in; recommended",
        "code": "the file that `inference_backend` names is there; only for a backend of the project's own",
        "samples-file": "`samples.jsonl` is there, and each line of it is a record",
        "readme": "there is a README; recommended",
        "model-card": "there is a MODEL_CARD, and it is filled in; recommended",
        "license": "there is a LICENSE; recommended",
        "python": "this Python is one that the project asks for",
        "requirements": "what the project requires is installed, and it brings all that the samples ran with",
        "backend": "the backend can be imported and constructed, in a process of its own",
        "samples": "`validate()` takes the samples, and gives a record for each",
        "ending": "the backend can be closed, and the process then ends by itself",
        "output": "nothing is printed to standard output, which is for results",
        "plugins": "the plugins that the samples used can be locked",
    }
)


class Check(NamedTuple):
    """One thing that was looked at, and what came of it.

    Example:
        >>> Check("license", "warning", "there is no LICENSE.txt", "Say under which terms others may use it.").status
        'warning'
    """

    #: What was looked at; :data:`packflow.project.validation.CHECKS` lists the names.
    name: str
    #: ``"passed"``, ``"failed"``, ``"warning"`` (recommended only, the project is valid) or ``"skipped"`` (it could not
    #: be looked at, as something before it failed).
    status: Literal["passed", "failed", "warning", "skipped"]
    #: What was found, in a sentence without its full stop.
    detail: str
    #: What to do about it; an empty text where nothing has to be done.
    remedy: str = ""
    #: The file and line that it is about; an empty text where there is none.
    where: str = ""
    #: More lines, such as the causes of an exception, or the end of what was printed.
    lines: tuple[str, ...] = ()


class SampleFailure(NamedTuple):
    """Why the samples did not get through the backend: one sample, or all of them together.

    Example:
        >>> SampleFailure(3, "execute", "ValueError", "no weights", "inference.py:8, in execute: raise ValueError").line
        3
    """

    #: The sample's line in ``samples.jsonl``, the first being 1; None where no single sample is to blame.
    line: int | None
    #: The step that failed, such as ``"execute"``; None where the failure lies between or after the steps.
    step: str | None
    #: The type of the exception that the project's code raised.
    exception: str
    #: What the exception says.
    message: str
    #: The last line of the project's own code that the exception passed; an empty text where it passed none.
    where: str = ""
    #: What the exception came from, the nearest first.
    causes: tuple[str, ...] = ()


class RanWith(NamedTuple):
    """The Python and the distributions that the samples ran with.

    Example:
        >>> RanWith("3.11.7", {"numpy": "2.1.0"}).as_json()
        {'python': '3.11.7', 'distributions': {'numpy': '2.1.0'}}
    """

    #: The version of Python, as in ``3.11.7``.
    python: str
    #: The version of each distribution of which a module was imported, by its name, sorted.
    distributions: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Give it as data that JSON can hold."""
        return {"python": self.python, "distributions": dict(self.distributions)}


class ValidationReport(NamedTuple):
    """What was found of a project.

    Example:
        >>> checks = (Check("config", "passed", "packflow.yaml is valid"),)
        >>> report = ValidationReport("iris", "1.0", "/home/me/iris", checks)
        >>> report.passed, report.counts()
        (True, {'passed': 1, 'failed': 0, 'warning': 0, 'skipped': 0})
    """

    #: The project's name; None where its ``packflow.yaml`` cannot be read.
    name: str | None
    #: The project's version; None where its ``packflow.yaml`` cannot be read.
    version: str | None
    #: The project's folder, absolute.
    path: str
    #: Everything that was looked at, in that order.
    checks: tuple[Check, ...]
    #: How many samples ``samples.jsonl`` holds; 0 where it cannot be read.
    samples: int = 0
    #: How many records ``validate()`` gave for them; None where the samples did not get through.
    outputs: int | None = None
    #: Which samples did not get through, the first of many.
    failures: tuple[SampleFailure, ...] = ()
    #: What the samples ran with; None where they did not get through.
    ran_with: RanWith | None = None
    #: The data of a lock file, as ``packflow plugins lock`` writes it, that holds the plugins that the samples used and
    #: no others. None where they did not get through.
    plugins: dict[str, Any] | None = None

    @property
    def passed(self) -> bool:
        """Whether the project is valid; nothing failed, and nothing was skipped because something else failed."""
        return all(check.status in ("passed", "warning") for check in self.checks)

    def counts(self) -> dict[str, int]:
        """Count the checks of each status."""
        counted = Counter(check.status for check in self.checks)
        return {status: counted[status] for status in STATUSES}

    def as_json(self) -> dict[str, Any]:
        """Give the report as data that JSON can hold."""
        return {
            "name": self.name,
            "version": self.version,
            "path": self.path,
            "passed": self.passed,
            "checks": [{**check._asdict(), "lines": list(check.lines)} for check in self.checks],
            "counts": self.counts(),
            "samples": self.samples,
            "outputs": self.outputs,
            "failures": [{**failure._asdict(), "causes": list(failure.causes)} for failure in self.failures],
            "ran_with": self.ran_with.as_json() if self.ran_with else None,
            "plugins": self.plugins,
        }
