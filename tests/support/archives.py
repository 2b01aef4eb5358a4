"""Archives built by hand, byte by byte: right ones, and such as no honest program writes."""

from __future__ import annotations

import hashlib
import json
import platform
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from struct import pack
from typing import Any

MANIFEST = "packflow-manifest.json"

PROJECT = {
    "MODEL_CARD.md": b"# Doubler\n\nIt doubles.\n",
    "inference.py": b"""
import os
from pathlib import Path
from packflow import BackendConfig, InferenceBackend

class Settings(BackendConfig):
    factor: int = 0
    words: Path = Path("nowhere")

class Doubler(InferenceBackend):
    base_config_model = Settings

    def initialize(self):
        print("unpacked in", Path(__file__).parent)

    def execute(self, inputs):
        said = self.config.words.read_text().strip()
        return [{"x": row["x"] * self.config.factor, "said": said} for row in inputs]

    def shutdown(self):
        print("closed, with its words:", self.config.words.is_file())
""",
    "packflow.yaml": b"""\
name: doubler
version: 1.0
description: It doubles.
inference_backend: inference:Doubler
env:
  DOUBLER_TOKEN: not-to-be-seen
backend_config:
  factor: 2
  words: words/said.txt
""",
    "words/said.txt": b"twice\n",
}


def manifest_of(files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """Give the manifest of files, as data."""
    return {
        "manifest_version": 1,
        "name": "doubler",
        "version": "1.0",
        "packflow": version("packflow"),
        "files": {
            path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for path, data in files.items()
        },
        "ran_with": {"python": platform.python_version(), "distributions": {}},
        "samples": {"count": 2, "passed": 2},
        **changes,
    }


@dataclass
class Item:
    """An entry of a zip file; what it says of itself in either place can be replaced."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    mode: int = 0o100644
    #: What is stored, if not the data, compressed.
    stored: bytes | None = None
    #: Fields that the header before the data has otherwise.
    local: dict[str, Any] = field(default_factory=dict)
    #: Fields that the directory has otherwise.
    central: dict[str, Any] = field(default_factory=dict)
    #: Bytes between its data and what follows.
    behind: bytes = b""
    #: Whether it is in the directory alone.
    only_listed: bool = False


def deflated(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def zip_of(
    items: list[Item], *, before: bytes = b"", behind: bytes = b"", end: Mapping[str, int] | None = None
) -> bytes:
    """Put a zip file together."""
    body, directory = bytearray(before), bytearray()
    for item in items:
        stored = item.stored if item.stored is not None else deflated(item.data) if item.method == 8 else item.data
        fields = {
            "name": item.name,
            "flags": item.flags | (0 if item.name.isascii() else 0x800),
            "method": item.method,
            "time": 0,
            "date": 33,
            "crc": zlib.crc32(item.data),
            "stored": len(stored),
            "size": len(item.data),
            "extra": item.extra,
        }
        offset = len(body)
        if not item.only_listed:
            body += _local(**{**fields, **item.local}) + stored + item.behind
        listed = {**fields, "offset": offset, "mode": item.mode, **item.central}
        directory += _central(**listed)
    said = {"disk": 0, "entries": len(items), "size": len(directory), "start": len(body), **(end or {})}
    tail = pack(
        "<4s4H2LH", b"PK\5\6", said["disk"], 0, said["entries"], said["entries"], said["size"], said["start"], 0
    )
    return bytes(body + directory) + tail + behind


def _local(
    name: bytes, flags: int, method: int, time: int, date: int, crc: int, stored: int, size: int, extra: bytes
) -> bytes:
    fixed = pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, time, date, crc, stored, size, len(name), len(extra))
    return fixed + name + extra


def _central(
    name: bytes, flags: int, method: int, time: int, date: int, crc: int, stored: int, size: int, extra: bytes,
    offset: int, mode: int,
) -> bytes:  # fmt: skip
    numbers = (flags, method, time, date, crc, stored, size, len(name), len(extra), 0, 0, 0, mode << 16, offset)
    fixed = pack("<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, *numbers)
    return fixed + name + extra


def items_of(files: Mapping[str, bytes], manifest: Any = None, **changes: Any) -> list[Item]:
    """Give the entries of an archive: the manifest, which can be given as it is or changed, and the files."""
    if manifest is None:
        manifest = manifest_of(files, **changes)
    raw = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return [Item(MANIFEST.encode(), raw), *(Item(path.encode(), data) for path, data in sorted(files.items()))]


def archive_of(files: Mapping[str, bytes] = PROJECT, manifest: Any = None, **changes: Any) -> bytes:
    """Give an archive with these files. Nothing is wrong with it but what is wrong with them."""
    return zip_of(items_of(files, manifest, **changes))


def write_archive(path: Path, files: Mapping[str, bytes] = PROJECT, **changes: Any) -> Path:
    """Write an archive, and give its path."""
    path.write_bytes(archive_of(files, **changes))
    return path


def tree_of(folder: Path) -> dict[str, bytes | None]:
    """Give all that is in a folder: files with their bytes, and folders with None."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
