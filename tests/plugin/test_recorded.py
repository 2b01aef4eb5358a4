from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.plugin.recorded import Row, changed_files, digest, read_record
from tests.support.records import hash_of

WHEELS = [Row("acme/__init__.py", "sha256=abc", "5"), Row("acme-1.0.dist-info/METADATA", "sha256=def", "9")]
INSTALLERS = [
    Row("../../../bin/acme", "sha256=123", "200"),
    Row("..\\..\\Scripts\\acme.exe", "sha256=123", "200"),
    Row("/opt/bin/acme", "sha256=123", "200"),
    Row("C:/bin/acme.exe", "sha256=123", "200"),
    Row("acme/__pycache__/__init__.cpython-311.pyc", "", ""),
    Row("acme-1.0.dist-info/RECORD", "", ""),
    Row("acme-1.0.dist-info/INSTALLER", "sha256=456", "4"),
    Row("acme-1.0.dist-info/REQUESTED", "sha256=789", "0"),
    Row("acme-1.0.dist-info/direct_url.json", "sha256=012", "60"),
    Row("acme-1.0.dist-info/uv_cache.json", "sha256=012", "60"),
]


def write_record(folder: Path, *lines: str, info: str = "acme-1.0.dist-info") -> Path:
    location = folder / info
    location.mkdir(exist_ok=True)
    (location / "RECORD").write_text("".join(f"{line}\n" for line in lines))
    return location


@given(st.permutations(WHEELS + INSTALLERS), st.sets(st.sampled_from(INSTALLERS)))
def test_neither_the_order_nor_what_the_installer_added_counts(rows, left):
    assert digest(row for row in rows if row not in left) == digest(WHEELS)


@given(st.sampled_from(WHEELS), st.sampled_from(Row._fields), st.text(min_size=1))
def test_whatever_the_wheel_brought_counts(row, field, more):
    changed = row._replace(**{field: f"{getattr(row, field)}{more}"})
    assert digest([changed if other == row else other for other in WHEELS]) != digest(WHEELS)
    assert digest([*WHEELS, Row("acme/more.py", "", "")]) != digest(WHEELS)
    assert digest([other for other in WHEELS if other != row]) != digest(WHEELS)


def test_a_folder_called_like_an_installers_file_is_the_wheels():
    assert digest([*WHEELS, Row("acme/INSTALLER", "", "")]) != digest(WHEELS)
    assert digest([*WHEELS, Row("acme-1.0.dist-info/licenses/REQUESTED", "", "")]) != digest(WHEELS)


def test_a_record_is_read_as_installers_write_it(tmp_path):
    lines = ['"acme/a, b.py",sha256=abc,5', "../../../bin/acme,sha256=def,7", "acme-1.0.dist-info/RECORD,,"]
    found = read_record(str(write_record(tmp_path, *lines)))
    assert found.rows == (Row("acme/a, b.py", "sha256=abc", "5"),)
    assert found.digest == digest(found.rows)
    assert (found.problem, found.editable) == (None, False)


def test_line_ends_make_no_difference(tmp_path):
    location = write_record(tmp_path, "acme.py,sha256=abc,5", "other.py,sha256=def,6")
    before = read_record(str(location)).digest
    (location / "RECORD").write_bytes((location / "RECORD").read_bytes().replace(b"\n", b"\r\n"))
    assert read_record(str(location)).digest == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "has no RECORD of its files"),
        (b"\xff\xfe", "UnicodeDecodeError"),
        (b"acme.py,sha256=abc\n", "a line has 2 cells"),
        (b'"acme.py,sha256=abc,5\n', "has a RECORD that cannot be read"),
        (b"", "holds the hash of none of its files"),
        (b"acme.py,,\nacme-1.0.dist-info/RECORD,,\n", "holds the hash of none of its files"),
        (b"../../../bin/acme,sha256=abc,5\nacme-1.0.dist-info/INSTALLER,sha256=abc,4\n", "the hash of none"),
    ],
)
def test_a_record_that_cannot_be_read_has_no_digest(tmp_path, content, said):
    location = write_record(tmp_path)
    (location / "RECORD").unlink()
    if content is not None:
        (location / "RECORD").write_bytes(content)
    found = read_record(str(location))
    assert said in (found.problem or "")
    assert found.digest is None


def test_where_there_is_no_folder_there_is_no_record(tmp_path):
    (tmp_path / "acme.egg-info").write_text("Name: acme\n")
    for location in ("", "gone", str(tmp_path / "acme.egg-info")):
        assert read_record(location).digest is None


@pytest.mark.parametrize(
    ("origin", "editable"),
    [
        ({"url": "file:///src", "dir_info": {"editable": True}}, True),
        ({"url": "file:///src", "dir_info": {}}, False),
        ({"url": "https://example.org/acme.whl", "archive_info": {}}, False),
        ({"dir_info": None}, False),
        ([], False),
        ("no JSON", False),
    ],
)
def test_an_editable_installation_is_known_as_one(tmp_path, origin, editable):
    location = write_record(tmp_path, "acme.pth,sha256=abc,5")
    (location / "direct_url.json").write_text("{" if origin == "no JSON" else json.dumps(origin))
    assert read_record(str(location)).editable is editable


def test_changed_files_are_found(tmp_path):
    then, now = b"x = 1\n", b"x = 2\n"
    for name in ("same.py", "edited.py", "strong.py", "odd.py", "loose.py"):
        (tmp_path / name).write_bytes(now if name == "edited.py" else then)
    hashes = {
        "same.py": hash_of(then),
        "edited.py": hash_of(then),
        "strong.py": hash_of(then, "sha512"),
        "odd.py": "crc0=abc",
        "loose.py": "",
        "gone.py": hash_of(then),
    }
    location = write_record(tmp_path, *(f"{name},{hashed},6" for name, hashed in hashes.items()))
    found = changed_files(str(location), read_record(str(location)).rows)
    assert [path for path, _ in found] == ["edited.py", "gone.py", "odd.py"]
    assert [change.partition(" (")[0] for _, change in found] == [
        "was changed after it was installed",
        "is missing",
        "cannot be checked",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    location = write_record(tmp_path, "pipe.py,sha256=abc,0")
    ((_, change),) = changed_files(str(location), read_record(str(location)).rows)
    assert "no regular file" in change
    os.mkfifo(location / "direct_url.json")
    assert not read_record(str(location)).editable
    (location / "RECORD").unlink()
    os.mkfifo(location / "RECORD")
    assert "no regular file" in (read_record(str(location)).problem or "")


@pytest.mark.parametrize("algorithm", ["shake_128", "", "no such"])
def test_a_hash_that_nobody_can_compute_is_told(tmp_path, algorithm):
    (tmp_path / "acme.py").touch()
    ((path, change),) = changed_files(str(tmp_path / "acme-1.0.dist-info"), [Row("acme.py", f"{algorithm}=abc", "0")])
    assert path == "acme.py"
    assert change.startswith("cannot be checked (")
