"""What the doctor can find: each code with its severity and its meaning. Codes are public: CI may rely on them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

#: From the worst to the mildest.
SEVERITIES: Final = ("error", "warning", "note")


class Code(NamedTuple):
    """How bad a finding of a code is, and what it means."""

    severity: str
    meaning: str


_ERRORS = {
    # of a plugin that was imported in a process of its own
    "import-failed": "importing the plugin raised an exception",
    "syntax-error": "a module of the plugin is no Python",
    "exits": "importing the plugin ends the program",
    "crash": "importing the plugin ends the process with a signal",
    "hang": "importing the plugin takes longer than the time limit",
    "module-missing": "the module that the entry point names does not exist",
    "attribute-missing": "the module does not have the object that the entry point names",
    "wrong-object": "the object is not what a plugin of its kind has to be",
    "api-version": "the plugin is written for a plugin API that this packflow does not have",
    "hook-mistake": "a hooks plugin cannot be registered",
    "step-missing": "a class lacks a method that it has to define",
    "wrong-signature": "a method cannot be called as packflow calls it",
    "config-model": "a backend's configuration model is no subclass of `BackendConfig`",
    "core-import": "packflow itself cannot be imported, so that no plugin can",
    "not-started": "the process for the plugin could not be started",
    # of metadata
    "bad-entry-point": "the entry point has an impossible name or value, or two values",
    "unknown-group": "entry points stand in a group that looks like one of packflow's and is none",
    "packflow-requirement": "the distribution requires another version of packflow",
    "requirement-missing": "a distribution that is required is not installed",
    "stale-metadata": "a distribution is there several times, and the copies differ",
    "unreadable-metadata": "a distribution's metadata cannot be read",
    "own-metadata": "packflow's own metadata is not that of the packflow that runs",
    # of names and settings
    "name-conflict": "several distributions declare the name, and no setting decides",
    "bad-setting": "a setting makes every use of a plugin fail: it makes no sense, or the lock file cannot be read",
    "not-as-locked": "the plugin is in the lock, and is not installed as it was locked; it is not imported",
}

_WARNINGS = {
    "heavy-import": "importing the plugin imports a heavy library",
    "prints": "importing the plugin writes to standard output",
    "processes-left": "importing the plugin leaves processes running",
    "misspelt-step": "a class defines a method whose name is almost a step's",
    "old-api-version": "the plugin is written for the plugin API before this one",
    "requirement-version": "a distribution that is required is installed in another version",
    "requirement-unreadable": "a requirement is not written as one",
    "leftover-metadata": "an interrupted installation left a folder behind",
    "reserved-name": "the name is that of a built-in, which goes before the plugin",
    "unknown-entry": "a setting names a plugin or a distribution that is not installed",
    "changed-files": "files of the distribution are not those that were installed",
}

_NOTES = {
    "writes-to-stderr": "importing the plugin writes to standard error",
    "threads-left": "importing the plugin leaves threads running",
    "doubled-metadata": "a distribution is there several times, and the copies agree",
    "name-decided": "several distributions declare the name, and a setting gives it to another one",
    "blocked": "a setting keeps the plugin out; it is not imported",
}

#: Each code with its severity and its meaning.
CODES: Final = MappingProxyType(
    {
        code: Code(severity, meaning)
        for severity, codes in zip(SEVERITIES, (_ERRORS, _WARNINGS, _NOTES), strict=True)
        for code, meaning in codes.items()
    }
)
