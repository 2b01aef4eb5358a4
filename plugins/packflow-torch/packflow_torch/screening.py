"""Does an export archive hold anything that runs code? Looked for before PyTorch opens it.

``torch.export.load`` unpickles parts of an archive without restraint and loads compiled libraries; of a program it
evaluates expressions, compiles names into Python source, and imports modules by name. An archive needs none of that to
hold a model: its weights are plain bytes. Whatever else is in it is told here. The members are read as PyTorch itself
reads them, pickles only under its own restraint (``weights_only``). What may stand in a program is said in
:mod:`packflow_torch.program_screening`.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from packflow_torch.program_screening import is_plain_text, program_problems

_COMPILED = (".so", ".dll", ".dylib", ".pyd")


def archive_problem(content: bytes) -> str | None:
    """Say what in an export archive could run code; None if nothing could.

    Raises:
        zipfile.BadZipFile: it is no archive.
        ValueError: its JSON is no JSON.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    if not any(name.endswith("/archive_format") for name in names):
        return "it is of an older format, which is read with pickle. Export the model anew with this PyTorch"
    folder = names[0].partition("/")[0]
    if len(set(names)) < len(names) or not all(name.startswith(f"{folder}/") for name in names):
        return "its members are not in one folder, or several have one name, so that not all readers see the same"
    from torch.export.pt2_archive import PT2ArchiveReader

    reader = PT2ArchiveReader(io.BytesIO(content))
    members = reader.get_file_names()
    for member in sorted(members):
        problem = _member_problem(member, reader, members)
        if problem:
            return f"{member}: {problem}"
    return None


def _member_problem(member: str, reader: Any, members: list[str]) -> str | None:
    if member.startswith("data/aotinductor/") or member.endswith(_COMPILED):
        return "it is compiled code"
    if member.startswith("models/"):
        return next(program_problems(json.loads(reader.read_string(member))), None)
    if member.endswith("_config.json"):
        config = json.loads(reader.read_string(member))
        return next(program_problems(config), None) or next(_payload_problems(config, member, reader, members), None)
    if member.endswith(".pt"):
        return _pickle_problem(reader.read_bytes(member))
    return None


def _payload_problems(config: dict[str, Any], place: str, reader: Any, members: list[str]) -> Iterator[str]:
    """Look at what the table of weights or constants names: bytes of tensors, or something that is unpickled."""
    folder = place.rpartition("/")[0]
    for name, payload in config.get("config", {}).items():
        path = str(payload.get("path_name", ""))
        if not path.startswith(("weight_", "tensor_")):
            yield f"{name!r} is an object of a class ({path}), which is unpickled"
        elif payload.get("use_pickle"):
            member = f"{folder}/{path}"
            problem = _pickle_problem(reader.read_bytes(member)) if member in members else "it is not there"
            if problem:
                yield f"{name!r}: {problem}"


def _pickle_problem(content: bytes) -> str | None:
    import torch

    if not content:
        return None
    try:
        found = torch.load(io.BytesIO(content), weights_only=True)  # in the very way that PyTorch tries first
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not weights alone
        first = str(error).strip().partition("\n")[0]
        return f"it is a pickle that holds more than tensors ({first})"
    return next(_text_problems(found), None)


def _text_problems(found: Any) -> Iterator[str]:
    """Look at the text among tensors: PyTorch compiles the names of sample inputs into Python source."""
    if isinstance(found, str):
        if not is_plain_text(found):
            yield f"it has {found!r:.100} among its tensors, which is no plain text"
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from _text_problems(key)
            yield from _text_problems(value)
    elif isinstance(found, (list, tuple)):
        for value in found:
            yield from _text_problems(value)
