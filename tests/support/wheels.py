"""Wheels of what is installed, put together again: what an index would have, without one."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.utils import canonicalize_name


def repack(name: str, folder: Path) -> Path:
    """Make the wheel again that a distribution was installed from, without its scripts; give its path."""
    installed = distribution(name)
    tags = [line.partition(": ")[2] for line in (installed.read_text("WHEEL") or "").splitlines() if line[:4] == "Tag:"]
    python, abi, platforms = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in (python, abi, platforms))
    wheel = folder / f"{canonicalize_name(name).replace('-', '_')}-{installed.version}-{tag}.whl"
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    with ZipFile(wheel, "w") as archive:
        for path, data in _files(installed):
            archive.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.writerow([path, f"sha256={digest}", len(data)])
        (info,) = {path.partition("/")[0] for path in archive.namelist() if ".dist-info/" in path}
        lines.writerow([f"{info}/RECORD", "", ""])
        archive.writestr(f"{info}/RECORD", record.getvalue())
    return wheel


def _files(installed: Distribution) -> Iterable[tuple[str, bytes]]:
    of_installers = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
    for file in installed.files or []:
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        if file.parts[0].endswith(".dist-info") and file.name in of_installers:
            continue
        yield file.as_posix(), Path(str(installed.locate_file(file))).read_bytes()
