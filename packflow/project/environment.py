"""The environment variables of a project: how they are held, so that no value is shown, and how they are set.

They are set in the process, when the project is loaded and before any of its code is imported, and stay set: what was
imported by then may have read them. A variable that the process has already is the operator's, and stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

from packflow.project.problems import problem
from packflow.utils.log import logger
from packflow.utils.secrets import MASK


class EnvironmentValues(dict[str, str]):
    """Variables by name; a dict whose repr and text hide the values.

    Example:
        >>> values = EnvironmentValues(TOKEN="abc")
        >>> values, values["TOKEN"]
        ({'TOKEN': '**********'}, 'abc')
    """

    def __repr__(self) -> str:
        return repr(dict.fromkeys(self, MASK))


class _Set(NamedTuple):
    """A variable that a project has set."""

    value: str
    file: str


#: What projects have set in this process.
_set: dict[str, _Set] = {}
_lock = Lock()


def set_environment(values: Mapping[str, str], file: str, line_of: Mapping[str, int | None] | None = None) -> None:
    """Set a project's variables in this process, but those that the operator has set.

    A variable that another project has set to another value cannot have both: that is an error, before anything is
    set. Names are logged, values never.

    Args:
        values: the variables.
        file: the project's ``packflow.yaml``.
        line_of: the line of each variable in it, for errors.

    Raises:
        ProjectError: another project that was loaded in this process has set a variable to another value.
    """
    with _lock:
        missing = [name for name in values if name not in os.environ]
        ours = [name for name in values if name in _set and os.environ.get(name) == _set[name].value]
        for name in ours:
            if _set[name].file != file and _set[name].value != values[name]:
                raise problem(
                    f"the environment variable {name} (env) has been set to another value by {_set[name].file}, "
                    "which was loaded in this process before. Load the two in processes of their own, or set the "
                    "variable for the process yourself: that goes before both.",
                    file,
                    (line_of or {}).get(name),
                    f"env.{name}",
                )
        for name in (*missing, *ours):
            os.environ[name] = values[name]
            _set[name] = _Set(values[name], file)
    kept = sorted(set(values) - {*missing, *ours})
    if missing or ours:
        logger.debug("Environment variables set from {}: {}", file, ", ".join(sorted({*missing, *ours})))
    if kept:
        logger.debug("Environment variables kept as they were, though {} has them: {}", file, ", ".join(kept))
