"""The README's example runs as it stands, by the name under which the backend is installed; and on the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from packflow_mlflow import MlflowConfig

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path):
    parts = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    [shown] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(parts)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, shown), done.stderr


def test_the_command_line_gives_what_the_backend_gives(tmp_path: Path, repeater: Path):
    (tmp_path / "in.jsonl").write_text('{"n": 2, "text": "a"}\n{"n": 1, "text": "b"}\n')
    command = ["run", "mlflow", "in.jsonl", "--set", f"model_path={repeater}", "-q"]
    run = [sys.executable, "-m", "packflow", *command]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "set trusted=True" in done.stderr
    run += ["--set", "trusted=true"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(map(json.loads, done.stdout.splitlines())) == [{"prediction": "aa"}, {"prediction": "b"}]


def test_every_setting_is_in_the_table():
    own = set(MlflowConfig.model_fields) - set(MlflowConfig.__mro__[2].model_fields)
    assert {name for name in own if f"`{name}`" not in README} == set()
