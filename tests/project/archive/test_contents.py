"""What an archive says of itself, without any of it being run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from packflow.project.archive.contents import Contents, contents_of
from packflow.project.archive.reading import read_archive
from tests.support.archives import MANIFEST, PROJECT, archive_of, manifest_of, write_archive


def contents(folder: Path, **changes: bytes) -> Contents:
    """Give the contents of an archive some of whose files are not what its manifest says, though as long."""
    file = folder / "doubler-1.0.zip"
    changed = {path: changes.get(path.partition(".")[0], data) for path, data in PROJECT.items()}
    file.write_bytes(archive_of(changed, manifest_of(PROJECT)))
    with read_archive(file) as archive:
        return contents_of(archive)


def spoilt(path: str) -> bytes:
    return PROJECT[path][:-1] + b"?"


def test_all_of_it_is_there(tmp_path):
    found = contents(tmp_path)
    assert found.problems == ()
    assert {file.path: file.size for file in found.files} == {path: len(data) for path, data in PROJECT.items()}
    assert found.card == PROJECT["MODEL_CARD.md"].decode()
    assert found.config is not None
    assert found.config.backend_config == {"factor": 2, "words": "words/said.txt"}
    whole = (tmp_path / "doubler-1.0.zip").read_bytes()
    assert (found.sha256, found.size) == (hashlib.sha256(whole).hexdigest(), len(whole))


def test_as_json_it_has_no_value_of_the_environment(tmp_path):
    text = json.dumps(contents(tmp_path).as_json())
    assert "DOUBLER_TOKEN" in text
    assert "not-to-be-seen" not in text
    data: dict[str, Any] = json.loads(text)
    assert data["holds"] is True
    assert "files" not in data["manifest"]
    assert [file["path"] for file in data["files"]] == sorted(PROJECT)


def test_settings_that_are_secrets_are_masked(tmp_path):
    text = PROJECT["packflow.yaml"] + b"  api_key: not-to-be-seen-either\n"
    with read_archive(write_archive(tmp_path / "a.zip", {**PROJECT, "packflow.yaml": text})) as archive:
        data = json.dumps(contents_of(archive).as_json())
    assert "api_key" in data
    assert "not-to-be-seen" not in data


def test_every_file_that_is_wrong_is_named_and_the_rest_is_shown(tmp_path):
    found = contents(tmp_path, inference=spoilt("inference.py"), MODEL_CARD=spoilt("MODEL_CARD.md"))
    assert [problem.partition(" ")[0] for problem in found.problems] == ["'MODEL_CARD.md'", "'inference.py'"]
    assert [file.path for file in found.files if file.problem] == ["MODEL_CARD.md", "inference.py"]
    assert found.config is not None
    assert found.card is None


def test_a_configuration_that_is_damaged_is_not_read(tmp_path):
    found = contents(tmp_path, packflow=spoilt("packflow.yaml"))
    assert found.config is None
    assert len(found.problems) == 1


def test_a_configuration_that_is_wrong_is_told_by_its_line(tmp_path):
    file = write_archive(tmp_path / "a.zip", {**PROJECT, "packflow.yaml": b"name: a\nversion: 1\nloader: none\n"})
    with read_archive(file) as archive:
        found = contents_of(archive)
    assert found.config is None
    assert found.problems[0].startswith(f"{file}/packflow.yaml, line 3: loader")
    assert found.as_json()["config"] is None


def test_a_manifest_of_another_project_is_told(tmp_path):
    with read_archive(write_archive(tmp_path / "a.zip", manifest=manifest_of(PROJECT, version="2.0"))) as archive:
        found = contents_of(archive)
    assert found.problems == ("its packflow.yaml is of 'doubler' '1.0', and not of 'doubler' '2.0'",)


def test_a_card_may_be_missing_no_text_or_far_too_long(tmp_path):
    file = tmp_path / "a.zip"
    cards = {}
    for what, card in {"none": None, "no text": b"caf\xe9", "long": b"x" * (2 << 20)}.items():
        files = {path: data for path, data in PROJECT.items() if path != "MODEL_CARD.md"}
        write_archive(file, files if card is None else {**files, "MODEL_CARD.md": card})
        with read_archive(file) as archive:
            cards[what] = contents_of(archive).card
    assert cards == {"none": None, "no text": "caf\ufffd", "long": None}


def test_nothing_of_it_is_imported_or_run(tmp_path):
    """Its code ends whatever imports it."""
    ends = b"import os\nos._exit(7)\n"
    files = {**PROJECT, "inference.py": ends, "sitecustomize.py": ends, "conftest.py": ends, MANIFEST + ".py": ends}
    with read_archive(write_archive(tmp_path / "a.zip", files)) as archive:
        assert contents_of(archive).problems == ()
