"""The README's example runs as it stands, by the name under which the backend is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_runs(tmp_path: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == re.search(r"# (setosa .*)", code)[1] + "\n"


def test_the_command_line_gives_what_the_backend_gives(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
    code += 'iris.data.to_csv("flowers.csv", index=False)\n'
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    python = [sys.executable, "-c", "from packflow.cli import main; main()"]
    command = ["run", "sklearn", "flowers.csv", "--set", "model_path=iris.skops", "-q"]
    done = subprocess.run([*python, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 150
    assert done.stdout.startswith('{"prediction":0,"probabilities":{"0":0.98')
