"""How ``inference_backend`` may be spelt, with each loader. Nothing is imported or looked up."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from packflow.exceptions import InferenceBackendLoadError
from packflow.loaders.target import check_module_name, check_text, split_target
from packflow.plugin.kinds import name_problem

_LOCAL, _MODULE = "inference:Backend", "package.module:Backend"
#: In characters; file systems have an end, and so has the depth to which Python imports.
_LONGEST = 500


def check_target(target: str, loader: str) -> None:
    """Refuse a target that the loader cannot mean.

    Example:
        >>> check_target("inference:Backend", "local")
        >>> check_target("acme/fast", "module")

    Raises:
        ValueError: the target is not spelt like one; the text says how.
    """
    if len(target) > _LONGEST:
        raise ValueError(f"has {len(target)} characters; expected {_LONGEST} at most")
    try:
        if loader == "local":
            _check_local(target)
        else:
            _check_module(target)
    except InferenceBackendLoadError as error:
        raise ValueError(f"is not spelt right: {str(error).rstrip('.')}") from None


def _check_local(target: str) -> None:
    owner = "the loader 'local'"
    if ":" not in check_text(target, owner, _LOCAL):
        raise ValueError(
            f"is {target!r}, which has no colon; the loader 'local' expects module:object, as in {_LOCAL!r}. For the "
            "name of an installed backend, set `loader: module`"
        )
    place = split_target(target, owner, _LOCAL).place
    if not (place.endswith(".py") or "/" in place or "\\" in place):
        check_module_name(place, target, owner, _LOCAL)
    elif PurePosixPath(place).is_absolute() or PureWindowsPath(place).drive or ".." in PureWindowsPath(place).parts:
        raise ValueError(f"is {target!r}, which is outside of the project; expected a file in its folder")


def _check_module(target: str) -> None:
    owner = "the loader 'module'"
    check_text(target, owner, _MODULE)
    if ":" in target:
        place = split_target(target, owner, _MODULE).place
        if place.endswith(".py") or "/" in place or "\\" in place:
            raise ValueError(f"is {target!r}, which names a file; for a file of the project, set `loader: local`")
        check_module_name(place, target, owner, _MODULE)
        return
    distribution, slash, name = target.partition("/")
    wrong = name_problem(name if slash else distribution)
    if wrong or (slash and not distribution.strip()):
        raise ValueError(
            f"is {target!r}; expected a registered name such as 'onnx', 'distribution/name', or module:object"
        )
