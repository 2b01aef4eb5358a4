"""Archives that are refused, by what is wrong with them; each with a part of what is said about it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from struct import pack

from tests.support.archives import MANIFEST, PROJECT, Item, archive_of, deflated, items_of, manifest_of, zip_of

GOOD = archive_of()
_CARD = "MODEL_CARD.md"


def _named(path: str) -> Callable[[], bytes]:
    """Give an archive that holds one more file, and whose manifest lists it."""
    return lambda: archive_of({**PROJECT, path: b"x"})


def _entry(path: bytes, **changes: object) -> Callable[[], bytes]:
    """Give an archive with one more entry, which its manifest does not list."""
    return lambda: zip_of([*items_of(PROJECT), replace(Item(path, b"x"), **changes)])


def _card(**changes: object) -> Callable[[], bytes]:
    """Give an archive of which one entry is changed."""
    return lambda: zip_of(
        [replace(item, **changes) if item.name == _CARD.encode() else item for item in items_of(PROJECT)]
    )


def _manifest(**changes: object) -> Callable[[], bytes]:
    return lambda: archive_of(PROJECT, manifest_of(PROJECT) | changes)


def _manifest_text(text: bytes) -> Callable[[], bytes]:
    return lambda: archive_of(PROJECT, text)


def _without(field: str) -> Callable[[], bytes]:
    def make() -> bytes:
        manifest = manifest_of(PROJECT)
        del manifest[field]
        return archive_of(PROJECT, manifest)

    return make


def _quoted() -> bytes:
    """A zip bomb: each entry's data are quoted in the one before it, up to one kernel that all share."""
    kernel = deflated(b"\0" * 10_000_000)
    items = items_of(PROJECT)
    manifest = json.loads(items[0].data)
    manifest["files"].update({f"b{number}": {"sha256": "0" * 64, "size": 10_000_000} for number in range(100)})
    items[0] = Item(MANIFEST.encode(), json.dumps(manifest).encode())
    at = len(zip_of(items)) - len(zip_of(items, end={})) + _length_of(items)
    items.append(Item(b"b0", b"\0" * 10_000_000, stored=kernel))
    shared = {"offset": at, "stored": len(kernel), "size": 10_000_000, "crc": 0}
    items += [Item(f"b{number}".encode(), only_listed=True, central=shared) for number in range(1, 100)]
    return zip_of(items)


def _length_of(items: list[Item]) -> int:
    """Give where the directory of an archive begins."""
    return zip_of(items).index(b"PK\1\2")


def _bomb(size: int = 1 << 30) -> bytes:
    """An archive that is small, and says that it is large."""
    manifest = manifest_of(PROJECT)
    manifest["files"]["zeros"] = {"sha256": "0" * 64, "size": size}
    zeros = Item(b"zeros", stored=deflated(b"\0" * 1_000_000), local={"size": size}, central={"size": size})
    return zip_of([*items_of(PROJECT, manifest), zeros])


def _longer_than_said() -> bytes:
    """An entry that unpacks to more than both headers and the manifest say."""
    return _card(stored=deflated(PROJECT[_CARD] + b"\0" * 100_000_000))()


def _million(entries: int) -> Callable[[], bytes]:
    """An archive whose directory has a million entries, whatever its end says of them."""

    def make() -> bytes:
        whole = zip_of([Item(b"a", method=0)])
        start = whole.index(b"PK\1\2")
        record = whole[start : whole.index(b"PK\5\6")]
        directory = record * 1_000_000
        end64 = pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, len(directory), start)
        locator = pack("<4sLQL", b"PK\6\7", 0, start + len(directory), 1)
        short = min(entries, 0xFFFF)
        end = pack("<4s4H2LH", b"PK\5\6", 0, 0, short, short, len(directory), start, 0)
        return whole[:start] + directory + end64 + locator + end

    return make


def _damaged(where: Callable[[bytes], int], byte: bytes = b"\xff") -> Callable[[], bytes]:
    def make() -> bytes:
        place = where(GOOD)
        return GOOD[:place] + byte + GOOD[place + 1 :]

    return make


#: What is wrong; how to make it; what is said of it.
STRUCTURE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an empty file": (lambda: b"", "it is empty"),
    "no zip": (lambda: b"\x7fELF" + b"\0" * 100, "it is no zip file"),
    "a text": (lambda: b"name: doubler\n", "it is no zip file"),
    "two bytes": (lambda: b"PK", "does not end as a zip file does"),
    "an empty zip": (lambda: zip_of([]), f"it has no {MANIFEST}"),
    "a half": (lambda: GOOD[: len(GOOD) // 2], "it is cut off"),
    "the last byte missing": (lambda: GOOD[:-1], "it is cut off"),
    "the first byte missing": (lambda: GOOD[1:], "something stands before it"),
    "bytes behind the end": (lambda: GOOD + b"\0", "something was added to it"),
    "a comment": (lambda: GOOD[:-2] + b"\x04\x00text", "something was added to it"),
    "another zip behind it": (lambda: GOOD + GOOD, "something stands before it"),
    "a program before it": (lambda: b"#!/bin/sh\n" + GOOD, "something stands before it"),
    "a program before it, told": (lambda: zip_of(items_of(PROJECT), before=b"MZ\0"), "something stands before"),
    "more disks": (lambda: zip_of(items_of(PROJECT), end={"disk": 1}), "its end is not that of one zip file"),
    "entries that nobody counts": (lambda: zip_of(items_of(PROJECT), end={"entries": 2}), "more than the 2 entries"),
    "entries that are counted, but not there": (
        lambda: zip_of(items_of(PROJECT), end={"entries": 9}),
        "damaged at entry 6 of 9",
    ),
    "a directory elsewhere": (lambda: zip_of(items_of(PROJECT), end={"start": 0}), "its directory does not end where"),
    "a gap": (_card(behind=b"hidden"), "does not begin where the entry before it ends"),
    "a gap before the directory": (_entry(b"z", behind=b"hidden"), "between its last entry and its directory"),
    "a quoted bomb": (_quoted, "does not begin where the entry before it ends"),
    "one entry's data for two": (_entry(b"twin", only_listed=True, central={"offset": 0}), "does not begin where"),
    "an entry past the directory": (_card(central={"stored": 1 << 20}, local={"stored": 1 << 20}), "directory"),
    "an offset past the end": (_card(central={"offset": 0x7FFFFFFF}), "does not begin where"),
    "another name before the data": (_card(local={"name": b"MODEL_CARD.MD"}), "has another name before its data"),
    "a longer name before the data": (_card(local={"name": b"MODEL_CARD.md2"}), "has another name before its data"),
    "another size before the data": (_card(local={"size": 5}), "has another size before its data"),
    "another packed size before the data": (_card(local={"stored": 5}), "has another stored before its data"),
    "another CRC before the data": (_card(local={"crc": 5}), "has another crc before its data"),
    "another method before the data": (_card(local={"method": 0}), "has another method before its data"),
    "other flags before the data": (_card(local={"flags": 2}), "has another flags before its data"),
    "a damaged header": (_damaged(lambda raw: raw.index(b"PK\3\4", 4)), "is not where the directory says"),
    "a damaged directory": (_damaged(lambda raw: raw.index(b"PK\1\2")), "its directory is damaged at entry 1 of 5"),
    "a comment of an entry": (_damaged(lambda raw: raw.index(b"PK\1\2") + 32, b"\1"), "damaged at entry 1 of 5"),
    "an entry on another disk": (_damaged(lambda raw: raw.index(b"PK\1\2") + 34, b"\1"), "damaged at entry 1 of 5"),
    "a million entries": (_million(1_000_000), "it holds 999999 files, where 20000 are allowed"),
    "a million entries that count as one": (_million(1), "its directory is too large for 1 entries"),
}

ENTRIES: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted": (_card(flags=1), "'MODEL_CARD.md' is encrypted"),
    "streamed": (_card(flags=8), "'MODEL_CARD.md' was written as a stream"),
    "strange flags": (_card(flags=0x2000), "'MODEL_CARD.md' has flags that mean nothing here"),
    "bzip2": (_card(method=12), "is compressed with bzip2 (12), where deflate is expected"),
    "an unknown compression": (_card(method=77), "is compressed with an unknown method (77)"),
    "stored in two sizes": (_card(method=0, stored=b"x"), "is stored as it is, but has two sizes"),
    "a symbolic link": (_entry(b"link", mode=stat.S_IFLNK | 0o777), "'link' is a link"),
    "a link that is listed": (_card(mode=stat.S_IFLNK | 0o777), "'MODEL_CARD.md' is a link"),
    "a hard link": (_card(extra=pack("<2H12s", 0x000D, 12, b"inference.py")), "has an extra field, as for a link"),
    "another name in an extra field": (_card(extra=pack("<2H9s", 0x7075, 9, b"\1\0\0\0\0/etc")), "has an extra field"),
    "a pipe": (_card(mode=stat.S_IFIFO | 0o644), "is a special file"),
    "a device": (_card(mode=stat.S_IFBLK | 0o644), "is a special file"),
    "a folder": (_entry(b"data/", mode=stat.S_IFDIR | 0o755), "'data/' is a folder"),
    "a folder that does not say so": (_entry(b"data/"), "'data/' is a folder"),
    "a file called a folder": (_card(mode=stat.S_IFDIR | 0o755), "is a folder"),
    "a name that is no UTF-8": (_entry(b"\xff\xfe", central={"flags": 0x800}), "is not UTF-8"),
    "a name of another code page": (_entry(b"caf\xe9", local={"flags": 0}, central={"flags": 0}), "is not marked as"),
    "a path that leads out, and is listed nowhere": (_entry(b"../x"), "it has the file '../x': it leads out of"),
    "a path that is one with another, and listed nowhere": (_entry(b"WORDS/said.txt"), "are one file on some systems"),
    "an entry twice": (_entry(b"MODEL_CARD.md"), "it has the file 'MODEL_CARD.md' twice"),
    "the manifest twice": (_entry(MANIFEST.encode()), f"it has the file '{MANIFEST}' twice"),
    "more than is said": (_longer_than_said, "'MODEL_CARD.md' is longer than the 23 bytes that the archive says"),
    "less than is said": (_card(stored=deflated(b"# Double")), "'MODEL_CARD.md' has 8 bytes, and not 23"),
    "damaged data": (_card(stored=b"\xff" * 20), "'MODEL_CARD.md' is damaged: its data cannot be decompressed"),
    "no data": (_card(stored=b""), "'MODEL_CARD.md' is damaged: its compressed data do not come to an end"),
    "data that end too soon": (_card(stored=deflated(PROJECT[_CARD])[:-3]), "do not come to an end"),
    "something behind the data": (_card(stored=deflated(PROJECT[_CARD]) + b"x"), "has something behind its compressed"),
    "much behind the data": (_card(stored=deflated(PROJECT[_CARD]) + b"x" * 3_000_000), "has something behind"),
    "a wrong CRC": (_card(local={"crc": 5}, central={"crc": 5}), "is damaged: its checksum (CRC-32) differs"),
    "a manifest with a wrong CRC": (
        lambda: zip_of([replace(items_of(PROJECT)[0], local={"crc": 5}, central={"crc": 5}), *items_of(PROJECT)[1:]]),
        "its packflow-manifest.json is damaged",
    ),
    "a bomb": (_bomb, "its files come to 1 GiB"),
    "a bomb of exabytes": (lambda: _bomb(0xFFFFFFFE), "its files come to 4 GiB"),
}

#: Paths that no archive may have; in the archive and its manifest alike.
PATHS = {
    "../evil.py": "it leads out of the folder",
    "words/../../evil.py": "it leads out of the folder",
    "..": "it leads out of the folder",
    "/etc/evil": "it is absolute",
    "//server/share": "it is absolute",
    "C:/evil.py": "has ':'",
    "C:evil.py": "has ':'",
    "file.txt:stream": "has ':'",
    "..\\evil.py": "it has a backslash",
    "\\\\server\\share": "it has a backslash",
    "words//evil.py": "it has the empty part ''",
    "./evil.py": "it has the empty part '.'",
    "nul\0.py": "it has a control character (U+0000)",
    "red\x1b[31m.py": "it has a control character (U+001B)",
    "two\nlines": "it has a control character (U+000A)",
    "gpj.\u202eexe": "it has a control character (U+202E)",
    "CON": "is the name of a device",
    "words/nul.txt": "is the name of a device",
    "com1.py": "is the name of a device",
    "dot.": "which Windows takes off",
    "space ": "which Windows takes off",
    "what?.py": "has '?'",
    "a" * 300: "longer than",
    "a/" * 600 + "a": "longer than",
    "model_card.md": "are one file on some systems",
    "Words": "are one file on some systems",
    "packflow.yaml/x": "are one file on some systems",
}

MANIFESTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "no manifest": (lambda: zip_of(items_of(PROJECT)[1:]), "it has no packflow-manifest.json"),
    "no JSON": (_manifest_text(b"name: doubler"), "it cannot be read as JSON"),
    "nothing": (_manifest_text(b""), "it cannot be read as JSON"),
    "no text": (_manifest_text(b"\xff\xfe{}"), "it is no UTF-8 text"),
    "a list": (_manifest_text(b"[]"), "where an object is expected"),
    "nested deeply": (_manifest_text(b"[" * 200_000), "it is nested too deeply"),
    "nested deeply where anything may be": (
        _manifest(plugins={"lock-version": 1, "distribution": json.loads("[" * 900 + "]" * 900)}),
        "its packflow-manifest.json cannot be used",
    ),
    "too large": (_manifest_text(b" " * (2 << 20)), "its packflow-manifest.json is too large (2 MiB for 5 entries)"),
    "one name twice": (_manifest_text(b'{"name": "a", "name": "b"}'), "'name' stands twice in one object"),
    "no version": (_without("manifest_version"), "it has no 'manifest_version'"),
    "a newer version": (_manifest(manifest_version=2), "a newer packflow wrote it. Update packflow"),
    "a version that is text": (_manifest(manifest_version="1"), "its manifest_version is '1'"),
    "a version that is true": (_manifest(manifest_version=True), "its manifest_version is True"),
    "no files": (_without("files"), "it has no files"),
    "files as a list": (_manifest(files=[]), "files is []"),
    "a name that is a number": (_manifest(name=1), "name is 1"),
    "a size that is text": (_manifest(files={"a": {"size": "1", "sha256": "0" * 64}}), "files.a.size is '1'"),
    "a negative size": (_manifest(files={"a": {"size": -1, "sha256": "0" * 64}}), "files.a.size is -1"),
    "a short hash": (_manifest(files={"a": {"size": 1, "sha256": "0"}}), "files.a.sha256 is '0'"),
    "a hash in capitals": (_manifest(files={"a": {"size": 1, "sha256": "A" * 64}}), "files.a.sha256 is"),
    "itself": (_manifest(files={MANIFEST: {"size": 1, "sha256": "0" * 64}}), "lists packflow-manifest.json itself"),
    "plugins that are no lock": (_manifest(plugins={"lock-version": 7}), "its lock-version is 7"),
    "plugins with null": (_manifest(plugins={"lock-version": 1, "distribution": [None]}), "no lock"),
    "a wrong hash": (
        lambda: archive_of({**PROJECT, _CARD: b"# Doubler\n\nIt troubles\n"}, manifest_of(PROJECT)),
        "'MODEL_CARD.md' is not what its manifest says: its SHA-256 differs",
    ),
    "a wrong size": (lambda: archive_of({**PROJECT, _CARD: b"longer"}, manifest_of(PROJECT)), "it has 6 bytes, and"),
    "a file missing": (
        lambda: zip_of([item for item in items_of(PROJECT) if item.name != b"inference.py"]),
        "its manifest lists 'inference.py', but it does not hold it",
    ),
    "a file added": (_entry(b"evil.py"), "it holds 'evil.py', but its manifest does not list it"),
    "no packflow.yaml": (
        lambda: archive_of({path: data for path, data in PROJECT.items() if path != "packflow.yaml"}),
        "it has no packflow.yaml, so that it is no project",
    ),
}  # fmt: skip

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    **STRUCTURE,
    **{f"an entry: {what}": made for what, made in ENTRIES.items()},
    **{f"a path: {path!r:.40}": (_named(path), told) for path, told in PATHS.items()},
    **{f"its manifest: {what}": made for what, made in MANIFESTS.items()},
}
