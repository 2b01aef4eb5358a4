"""What the doctor says, as data: findings, one examination a plugin, and the report of them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from packflow.plugin.doctor.codes import CODES, SEVERITIES


class Finding(NamedTuple):
    """One thing that is wrong, or worth knowing.

    Example:
        >>> finding("blocked", "a setting keeps it out", "Change the setting.").severity
        'note'
    """

    #: What kind of finding it is; :data:`packflow.plugin.doctor.CODES` lists them.
    code: str
    #: ``"error"``, ``"warning"`` or ``"note"``.
    severity: str
    #: The distribution that it is about; None where it is about none, such as a setting.
    distribution: str | None
    #: What was found.
    what: str
    #: The file and line, the entry point or the folder; an empty text where there is none.
    where: str
    #: What to do about it.
    remedy: str
    #: More lines, such as the causes of an exception or the copies of a distribution.
    details: tuple[str, ...]


def finding(
    code: str,
    what: str,
    remedy: str,
    *,
    where: str = "",
    distribution: str | None = None,
    details: tuple[str, ...] = (),
) -> Finding:
    """Make a finding; its code tells how severe it is."""
    return Finding(code, CODES[code].severity, distribution, what, where, remedy, details)


class Examination(NamedTuple):
    """What was found of one plugin.

    Example:
        >>> plugin = Examination("backend", "fast", "acme", "1.0", "acme:Fast", "ready", 12.5, 3, (), ())
        >>> plugin.qualified, plugin.status
        ('acme/fast', 'ok')
    """

    #: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
    kind: str
    name: str
    distribution: str
    version: str
    #: Where the object is, as ``module:object``.
    value: str
    #: ``"imported"``, or why it was not: ``"blocked"`` by a setting, or its entry point is ``"unusable"``.
    examined: str
    #: How long importing took, in milliseconds, packflow's own modules not counted; None where it did not end.
    milliseconds: float | None
    #: How many modules that imported, packflow's own not counted; None where importing did not end.
    modules: int | None
    #: The heavy libraries among those.
    heavy: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def qualified(self) -> str:
        """The spelling that means this distribution's plugin and no other, ``distribution/name``."""
        return f"{self.distribution}/{self.name}"

    @property
    def status(self) -> str:
        """``"fault"`` if there is an error, ``"warn"`` if there is a warning, ``"blocked"``, or ``"ok"``."""
        severities = {found.severity for found in self.findings}
        if "error" in severities:
            return "fault"
        if self.examined == "blocked":
            return "blocked"
        return "warn" if "warning" in severities else "ok"


class Report(NamedTuple):
    """What the doctor found.

    Example:
        >>> report = Report("1.0.0", "3.11.7", (), ())
        >>> report.counts(), report.healthy()
        ({'error': 0, 'warning': 0, 'note': 0}, True)
    """

    #: The version of the packflow that runs.
    packflow: str
    #: The version of Python.
    python: str
    #: One examination a plugin, in the order of ``packflow.plugin.plugins()``.
    plugins: tuple[Examination, ...]
    #: What was found of distributions and settings rather than of one plugin.
    findings: tuple[Finding, ...]

    def everything(self) -> Iterator[Finding]:
        """Give every finding."""
        for plugin in self.plugins:
            yield from plugin.findings
        yield from self.findings

    def counts(self) -> dict[str, int]:
        """Count the findings of each severity."""
        counted = Counter(found.severity for found in self.everything())
        return {severity: counted[severity] for severity in SEVERITIES}

    def healthy(self, *, strict: bool = False) -> bool:
        """Whether there is no error, and if `strict`, no warning either."""
        counts = self.counts()
        return not counts["error"] and not (strict and counts["warning"])

    def as_json(self) -> dict[str, Any]:
        """Give the report as data that JSON can hold."""
        plugins = [
            {
                **plugin._asdict(),
                "status": plugin.status,
                "heavy": list(plugin.heavy),
                "findings": [_as_json(found) for found in plugin.findings],
            }
            for plugin in self.plugins
        ]
        return {
            "packflow": self.packflow,
            "python": self.python,
            "plugins": plugins,
            "findings": [_as_json(found) for found in self.findings],
            "counts": self.counts(),
        }


def _as_json(found: Finding) -> dict[str, Any]:
    return {**found._asdict(), "details": list(found.details)}
