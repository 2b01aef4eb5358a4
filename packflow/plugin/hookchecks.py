"""Is an object fit to be a hooks plugin? Everything that can be seen wrong with it is found before it is registered.

pluggy itself ignores a misspelt hook, a function without its marker and a function with another program's marker; all
of them are errors here, because a plugin that is never called looks exactly like one that has nothing to say.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from packflow.plugin.kinds import object_problem
from packflow.plugin.markers import PREFIX

#: What a marker leaves on a function: pluggy's options, or None where there is no marker.
ReadMarker = Callable[[Any, str], "Mapping[str, Any] | None"]


def plugin_problem(plugin: Any, hooks: Mapping[str, tuple[str, ...]], read_marker: ReadMarker) -> str | None:
    """Say why an object cannot be a hooks plugin; None if it can.

    Args:
        plugin: the module or the instance.
        hooks: each hook's name with the names of its arguments.
        read_marker: gives the options that packflow's marker left on an attribute.
    """
    problem = object_problem("hooks", plugin)
    if problem:
        return problem
    implemented = 0
    for name in sorted(dir(plugin)):
        options = read_marker(plugin, name)
        function = _attribute(plugin, name)
        if options is None:
            problem = _unmarked_problem(name, function, hooks)
        else:
            implemented += 1
            problem = _marked_problem(name, getattr(plugin, name), options, hooks)
        if problem:
            return problem
    if not implemented:
        return "it implements no hook; mark its functions with packflow.plugin.hookimpl. The hooks are " + ", ".join(
            hooks
        )
    return None


def _attribute(plugin: Any, name: str) -> Any:
    """Give an attribute without running properties, which may do anything."""
    found = inspect.getattr_static(plugin, name, None)
    return found.__func__ if isinstance(found, (staticmethod, classmethod, MethodType)) else found


def _unmarked_problem(name: str, function: Any, hooks: Mapping[str, tuple[str, ...]]) -> str | None:
    if not name.startswith(PREFIX) or isinstance(function, type) or not callable(function):
        return None
    if not isinstance(function, (FunctionType, BuiltinFunctionType)):
        found = type(function).__name__
        return f"its {name} is a {found!r}, where a function made with def is expected{_nearest(name, hooks)}"
    marks = sorted(_markers(function))
    if "packflow_spec" in marks:
        return f"its function {name} is marked with hookspec; hooks are implemented with packflow.plugin.hookimpl"
    if marks:
        others = ", ".join(repr(mark.rpartition("_")[0]) for mark in marks)
        return (
            f"its function {name} carries the marker of {others}; use packflow.plugin.hookimpl{_nearest(name, hooks)}"
        )
    return (
        f"its function {name} has a hook's name but not the marker; put @packflow.plugin.hookimpl on it, or give it "
        f"a name that does not begin with {PREFIX!r}{_nearest(name, hooks)}"
    )


def _markers(function: Any) -> Iterator[str]:
    """Give the attributes that pluggy markers, of whatever program, have left on a function."""
    for attribute, value in getattr(function, "__dict__", {}).items():
        if attribute.endswith(("_impl", "_spec")) and isinstance(value, dict):
            yield attribute


def _marked_problem(
    name: str, function: Any, options: Mapping[str, Any], hooks: Mapping[str, tuple[str, ...]]
) -> str | None:
    hook = options.get("specname") or name
    if hook not in hooks:
        if options.get("optionalhook"):
            return None
        return f"its function {name} implements {hook!r}, which is no hook of packflow{_nearest(hook, hooks)}"
    if options.get("wrapper") or options.get("hookwrapper"):
        return f"its function {name} is marked as a wrapper, but each plugin's hooks are called apart from the others'"
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return f"its function {name} is a coroutine or a generator, which would never run; make it an ordinary function"
    return _argument_problem(name, function, hooks[hook])


def _argument_problem(name: str, function: Any, expected: tuple[str, ...]) -> str | None:
    for argument in inspect.signature(function).parameters.values():
        if argument.kind is not argument.POSITIONAL_OR_KEYWORD:
            return f"its function {name} takes {argument}; a hook takes its arguments by name: {', '.join(expected)}"
        if argument.name not in expected:
            return (
                f"its function {name} takes the argument {argument.name!r}, which the hook does not have"
                f"{_nearest(argument.name, expected)}; it has {', '.join(expected)}"
            )
    return None


def _nearest(name: str, known: Any) -> str:
    from packflow.utils.nearest import nearest

    close = nearest(name, known)
    return f" (the nearest is {close!r})" if close and close != name else ""
