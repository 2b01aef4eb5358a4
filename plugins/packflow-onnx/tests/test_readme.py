"""The README's example runs as it stands, by the name under which the backend is installed; and on the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path):
    code, shown = (re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL) for kind in ("python", "text"))
    done = subprocess.run([sys.executable, "-c", *code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, shown[0]), done.stderr


def test_the_command_line_gives_what_the_backend_gives(tmp_path: Path, models: Any):
    (tmp_path / "pairs.jsonl").write_text('{"a": [1, 2], "b": [3, 4]}\n{"a": [5, 6], "b": [7, 8]}\n')
    command = ["run", "onnx", "pairs.jsonl", "--set", f"model_path={models.sum()}", "--set", 'outputs=["total"]', "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "packflow", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(map(json.loads, done.stdout.splitlines())) == [{"total": [4.0, 6.0]}, {"total": [12.0, 14.0]}]
