"""A project's archive: the record inside it, how it is written, and how it is read and unpacked.

``manifest`` is the record, ``names`` says which paths an archive may hold; ``writing`` and ``wheels`` make an archive,
with the versions that ``pins`` reads off the environment.
``layout`` and ``inflating`` take a zip file apart, ``reading`` decides whether it is an archive, ``unpacking`` puts it
on the disk, ``contents`` tells what it is, and ``running`` whether it may be run here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.project.archive.limits import Limits
    from packflow.project.archive.manifest import Manifest
    from packflow.project.archive.reading import Archive, read_archive
    from packflow.project.archive.unpacking import open_archive, unpack

__all__ = ["Archive", "Limits", "Manifest", "open_archive", "read_archive", "unpack"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "Limits": "packflow.project.archive.limits",
        "Manifest": "packflow.project.archive.manifest",
        **dict.fromkeys(("Archive", "read_archive"), "packflow.project.archive.reading"),
        **dict.fromkeys(("open_archive", "unpack"), "packflow.project.archive.unpacking"),
    },
)
