"""Installed distributions, made up: folders with metadata and modules, as pip leaves them behind."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

BACKEND = """
from packflow import InferenceBackend

class Fast(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""

PREPROCESSOR = """
from packflow.backend.preprocessors import Preprocessor

class Prepared(Preprocessor):
    def __call__(self, records):
        return records
"""

GROUPS = {
    "backend": "packflow.backends",
    "preprocessor": "packflow.preprocessors",
    "normalizer": "packflow.normalizers",
    "template": "packflow.templates",
    "hooks": "packflow.plugins",
}


def entry_points_text(plugins: Mapping[str, Mapping[str, str]]) -> str:
    """Give the text of an ``entry_points.txt``; the keys are kinds of plugin, or groups."""
    lines = []
    for kind, entries in plugins.items():
        lines += [f"[{GROUPS.get(kind, kind)}]", *(f"{name} = {value}" for name, value in entries.items()), ""]
    return "\n".join(lines)


def add_distribution(
    folder: Path,
    name: str,
    version: str = "1.0",
    plugins: Mapping[str, Mapping[str, str]] | None = None,
    modules: Mapping[str, str] | None = None,
    *,
    entry_points: str | bytes | None = None,
    metadata: str | None = None,
) -> Path:
    """Install a made-up distribution into a folder.

    Args:
        folder: what stands for site-packages.
        name: the distribution's name.
        version: its version.
        plugins: its packflow entry points: kind, then name, then value.
        modules: its modules: the file's path, then its source.
        entry_points: the whole text of ``entry_points.txt``, in place of ``plugins``.
        metadata: the whole text of ``METADATA``.

    Returns:
        The folder of its metadata.
    """
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    text = metadata if metadata is not None else f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(text, encoding="utf-8")
    if entry_points is None:
        entry_points = entry_points_text(plugins or {})
    raw = entry_points if isinstance(entry_points, bytes) else entry_points.encode()
    (info / "entry_points.txt").write_bytes(raw)
    for path, source in (modules or {}).items():
        module = folder / path
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(dedent(source), encoding="utf-8")
    return info


def remove_distribution(info: Path) -> None:
    """Uninstall a made-up distribution; its modules stay."""
    shutil.rmtree(info)
