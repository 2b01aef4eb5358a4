"""What is said of a ``packflow.yaml`` whose fields are wrong: every problem, with its line and how to write it.

Values are shown only by the checks of the fields themselves; from here, none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any

from packflow.exceptions import ProjectError
from packflow.project.problems import problem
from packflow.utils.nearest import did_you_mean

if TYPE_CHECKING:
    from packflow.project.origin import Origin

#: How each field is written.
EXAMPLES = {
    "name": "name: my-project",
    "version": "version: 0.1.0",
    "description": "description: Tells irises apart.",
    "maintainers": "maintainers: [Ada Lovelace]",
    "inference_backend": "inference_backend: inference:Backend",
    "loader": "loader: local",
    "python_version": 'python_version: ">=3.10"',
    "env": "env: {OMP_NUM_THREADS: 1}",
    "backend_config": "backend_config: {verbose: false}",
    "extra": "extra: {team: search}",
}
_EXPECTED = {"string_type": "text", "list_type": "a list", "dict_type": "a mapping"}
#: What is missing has no line; it is told after what has one, which may be the same thing misspelt.
_LAST = 1 << 30
_KINDS = {list: "a list", dict: "a mapping", str: "text", bool: "a truth value", type(None): "empty"}


def refusal(problems: Iterable[Any], origin: Origin, known: Set[str]) -> ProjectError:
    """Make one error of all that is wrong; its line and field are those of the first problem.

    Args:
        problems: what pydantic found.
        origin: where the fields were read from.
        known: the names of the fields.
    """
    found = []
    for each in problems:
        path = [str(step) for step in each["loc"] if step != "[key]"]
        if path[:1] == ["env"] and len(path) > 1:
            path[1] = path[1].partition("=")[0]  # behind it may be a value
        name = ".".join(path)
        line = origin.line_of(".".join(map(str, each["loc"]))) if each["type"] != "missing" else None
        found.append((line or _LAST, name, _sentence(name, path, each, known), line))
    found.sort(key=lambda each: each[0])
    errors = [problem(text, origin.file, line, name or None) for _, name, text, line in found]
    if len(errors) == 1:
        return errors[0]
    first = errors[0]
    return ProjectError("\n".join(map(str, errors)), file=first.file, line=first.line, field=first.field)


def _sentence(name: str, path: list[str], found: Any, known: Set[str]) -> str:
    kind = found["type"]
    if kind == "extra_forbidden":
        return (
            f"{name!r} is not a field of packflow.yaml.{did_you_mean(name, known)} The fields are: "
            f"{', '.join(EXAMPLES)}. What is of your own goes under extra."
        )
    example = f" Write it as in `{EXAMPLES[path[0]]}`." if path and path[0] in EXAMPLES else ""
    if kind == "missing":
        return f"{name} is missing.{example}"
    if kind in _EXPECTED:
        given = _KINDS.get(type(found["input"]), "a value of another kind")
        if given == "empty":
            quotes = " A text that begins with # needs quotes." if kind == "string_type" else ""
            quotes += " For an empty text, write ''." if path[0] == "env" else ""
            return f"{name} is empty; {_EXPECTED[kind]} is expected.{quotes}{example}"
        return f"{name} is {given}; {_EXPECTED[kind]} is expected.{example}"
    if kind == "literal_error":
        return f"{name} is neither 'local' nor 'module'.{example}"
    reason = found["msg"].removeprefix("Value error, ")
    return f"{name} {reason}{'' if reason.endswith(('.', '?')) else '.'}{example}"
