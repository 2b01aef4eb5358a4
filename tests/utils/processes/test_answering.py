"""What a process writes, whoever else is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from packflow.utils.processes.answering import SEAL, seal, writer


def test_a_file_appears_whole_and_is_replaced(tmp_path: Path) -> None:
    write = writer(str(tmp_path))
    write("answer", {"seen": "é"})
    write("answer", {"seen": 2})
    assert json.loads((tmp_path / "answer").read_bytes()) == {"seen": 2}
    assert [file.name for file in tmp_path.iterdir()] == ["answer"]


def test_with_a_key_it_is_sealed(tmp_path: Path) -> None:
    writer(str(tmp_path), b"key")("answer", [1])
    data = (tmp_path / "answer").read_bytes()
    assert data == seal(b"key", "answer", b"[1]").encode() + b"[1]"
    assert len(data) == SEAL + 3


def test_what_json_cannot_hold_is_written_as_text(tmp_path: Path) -> None:
    writer(str(tmp_path))("answer", {"path": Path("a")})
    assert json.loads((tmp_path / "answer").read_text()) == {"path": "a"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_copy_has_no_answer_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = writer(str(tmp_path))
    monkeypatch.setattr("packflow.utils.processes.answering.getpid", lambda: -1)  # as the copy sees it
    write("answer", {})
    assert list(tmp_path.iterdir()) == []
