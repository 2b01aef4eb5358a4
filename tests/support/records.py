"""What an installer would record of made-up distributions."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path


def hash_of(content: bytes, algorithm: str = "sha256") -> str:
    """Give a hash as a ``RECORD`` spells it."""
    raw = hashlib.new(algorithm, content).digest()
    return f"{algorithm}=" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def write_record(info: Path, *modules: str, editable: bool = False) -> Path:
    """Write the ``RECORD`` of a made-up distribution.

    Args:
        info: the folder of its metadata.
        modules: the paths of its modules.
        editable: let it be an editable installation.

    Returns:
        The folder of its metadata.
    """
    if editable:
        (info / "direct_url.json").write_text(json.dumps({"url": "file:///src", "dir_info": {"editable": True}}))
    files = [info.parent / module for module in modules]
    files += [info / name for name in ("METADATA", "entry_points.txt", "direct_url.json") if (info / name).is_file()]
    rows = []
    for file in files:
        content = file.read_bytes()
        rows.append(f"{file.relative_to(info.parent).as_posix()},{hash_of(content)},{len(content)}\n")
    (info / "RECORD").write_text("".join([*rows, f"{info.name}/RECORD,,\n"]))
    return info
