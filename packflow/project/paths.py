"""Relative paths in a project's ``backend_config`` are relative to the project, wherever the process runs.

What is a path is read off the backend's configuration model, never guessed from a text: a field is one if its type is
``Path`` (or one of pydantic's, or optional, annotated, or a list or mapping of them, also in models within), or if its
schema says so: ``Field(json_schema_extra={"format": "path"})``, for a ``str``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path, PurePath
from types import UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from packflow.utils.fields import aliases_of

_FORMATS = frozenset({"path", "file-path", "directory-path"})
#: ``file:///models/a``, ``s3://bucket/a``, ``models:/a/1``; a drive has one letter.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def placed_in(folder: Path, settings: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Give settings whose relative paths are joined to a folder; nothing given is changed.

    Example:
        >>> class Settings(BaseModel):
        ...     model_path: Path
        ...     labels: str
        >>> placed_in(Path("/project"), {"model_path": "a.onnx", "labels": "b.txt"}, Settings)
        {'model_path': '/project/a.onnx', 'labels': 'b.txt'}

    Args:
        folder: what the paths are relative to, absolute.
        settings: the settings, as they are written.
        model: the model that they are for.
    """
    return {key: _placed(folder, value, _kind_of(model, key)) for key, value in settings.items()}


def files_missed(folder: Path, settings: Any, name: str = "") -> Iterator[str]:
    """Name the settings with a relative text, left as it is, that names a file of the folder and none from here.

    Args:
        folder: the project's folder.
        settings: the settings, those that are paths joined to the folder already.
        name: what is put in front of the names.
    """
    if isinstance(settings, str):
        relative = bool(settings) and not Path(settings).is_absolute()
        # These two, unlike pathlib's, answer for any text.
        if relative and os.path.isfile(folder / settings) and not os.path.exists(settings):  # noqa: PTH110, PTH113
            yield name
    elif isinstance(settings, (Mapping, list)):
        for key, item in settings.items() if isinstance(settings, Mapping) else enumerate(settings):
            yield from files_missed(folder, item, f"{name}.{key}" if name else str(key))


def _kind_of(owner: Any, key: str) -> Any:
    """Give the type of a member, under any of its names; None where there is none."""
    for names, kind in _members(owner):
        if key in names:
            return kind
    return None


def _placed(folder: Path, value: Any, kind: Any) -> Any:
    if isinstance(value, (str, PurePath)):
        return _joined(folder, value) if _is_path(kind, value) else value
    if isinstance(value, Mapping):
        return _placed_mapping(folder, value, kind)
    if isinstance(value, list):
        items = next((items for each in _alternatives(kind) if (items := _items(each)) is not None), None)
        return (
            value
            if items is None
            else [_placed(folder, item, items[min(index, len(items) - 1)]) for index, item in enumerate(value)]
        )
    return value


def _placed_mapping(folder: Path, value: Mapping[str, Any], kind: Any) -> Mapping[str, Any]:
    for each in _alternatives(kind):
        if _is_mapping(each):
            return {key: _placed(folder, item, get_args(each)[1]) for key, item in value.items()}
        if _suits(each, value):
            return {key: _placed(folder, item, _kind_of(each, key)) for key, item in value.items()}
    return value


def _joined(folder: Path, value: str | PurePath) -> Any:
    """Join what is relative; ``~`` is the user's home, and a URL no path."""
    written = str(value)
    if written.startswith("~") or _URL.match(written) or PurePath(written).is_absolute():
        return value
    return str(folder / written) if isinstance(value, str) else folder / written


class _PathText:
    """Stands for the type of a text that a schema declares a path."""


def _is_path(kind: Any, value: str | PurePath) -> bool:
    """Whether a text of a type is a path: one of the alternatives is, and no other takes a text as it is."""
    alternatives = list(_alternatives(kind))
    paths = [each for each in alternatives if _is_path_type(each)]
    return bool(paths) and not any(_takes_text(each, value) for each in alternatives if each not in paths)


def _is_path_type(kind: Any) -> bool:
    return kind is _PathText or (isinstance(kind, type) and issubclass(kind, PurePath))


def _takes_text(kind: Any, value: str | PurePath) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is type(None) or _items(kind) is not None or _is_mapping(kind):
        return False
    return not (isinstance(kind, type) and (issubclass(kind, (bool, int, float)) or any(_members(kind))))


def _alternatives(kind: Any) -> Iterator[Any]:
    """Give the types behind a type: of a union each, without what is written round it."""
    origin = get_origin(kind)
    if origin is Annotated:
        declared = any(isinstance(each, FieldInfo) and _declared(each) for each in get_args(kind)[1:])
        yield from (_PathText,) if declared else _alternatives(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for each in get_args(kind):
            yield from _alternatives(each)
    elif origin is not Literal and origin is not None and not isinstance(origin, type):  # Required, Final, ...
        yield from _alternatives(get_args(kind)[0])
    elif isinstance(kind, NewType):
        yield from _alternatives(kind.__supertype__)
    elif type(kind).__name__ == "TypeAliasType":
        yield from _alternatives(kind.__value__)
    elif isinstance(kind, type) and issubclass(kind, RootModel):
        yield from _alternatives(_of_field(kind.model_fields["root"]))
    else:
        yield kind


def _items(kind: Any) -> tuple[Any, ...] | None:
    """Give the types of a list's items, the last one for all that follow; None if it is no list."""
    origin = get_origin(kind)
    if not (isinstance(origin, type) and issubclass(origin, Iterable)) or _is_mapping(kind):
        return None
    return tuple(each for each in get_args(kind) if each is not Ellipsis and each != ()) or (None,)


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping) and len(get_args(kind)) > 1


def _suits(kind: Any, value: Mapping[str, Any]) -> bool:
    """Whether a type with members may be meant by a mapping: it has these names, and its literals say the same."""
    members = {name: member for names, member in _members(kind) for name in names}
    return (
        bool(members)
        and value.keys() <= members.keys()
        and all(item in get_args(members[key]) for key, item in value.items() if get_origin(members[key]) is Literal)
    )


def _members(owner: Any) -> Iterator[tuple[set[str], Any]]:
    """Give names and type of each member of a model, a dataclass or a typed dict."""
    if not isinstance(owner, type):
        return
    if issubclass(owner, BaseModel):
        owner.model_rebuild(raise_errors=False)  # it may name a class that was written after it
        for name, field in owner.model_fields.items():
            yield {name, *aliases_of(field)}, _of_field(field)
    elif is_dataclass(owner) or hasattr(owner, "__total__"):
        try:
            hints = get_type_hints(owner, include_extras=True)
        except Exception:  # noqa: BLE001  # hints are code; where they do not run, pydantic will have its say
            hints = {}
        for name, kind in hints.items():
            yield {name}, kind


def _of_field(field: FieldInfo) -> Any:
    return _PathText if _declared(field) else field.annotation


def _declared(field: FieldInfo) -> bool:
    """Whether the schema of a field says that it is a path."""
    extra = field.json_schema_extra
    return isinstance(extra, Mapping) and extra.get("format") in _FORMATS
