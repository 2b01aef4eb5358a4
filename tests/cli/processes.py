"""The command in processes of its own, and the backends that it runs there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.scripts import clean_environment

GOOD = b'{"x": 1}\n'
COMMAND = [sys.executable, "-W", "error", "-c", "from packflow.cli import main; main(prog_name='packflow')"]
#: As users have it. Where a signal comes while Python opens a file, Python itself warns of that file: it is in no
#: object yet that packflow could close.
AS_INSTALLED = [sys.executable, *COMMAND[3:]]

BACKENDS = """
import os
import sys
import time
from packflow import BackendConfig, InferenceBackend

class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs

class Inverse(InferenceBackend):
    def execute(self, inputs):
        return [{"inverse": 1 / row["x"]} for row in inputs]

class Sizes(InferenceBackend):
    def execute(self, inputs):
        return [{"size": len(inputs)} for _ in inputs]

class NotANumber(InferenceBackend):
    def execute(self, inputs):
        return [{"score": float("nan") if row["x"] == 0 else row["x"]} for row in inputs]

class Short(InferenceBackend):
    def execute(self, inputs):
        return inputs[1:]

class Lists(InferenceBackend):
    def execute(self, inputs):
        return [[row] for row in inputs]

class Broken(InferenceBackend):
    def initialize(self):
        raise FileNotFoundError("weights.bin")
    def execute(self, inputs):
        return inputs

class ExitsAtOnce(InferenceBackend):
    def initialize(self):
        sys.exit()
    def execute(self, inputs):
        return inputs

class ExitsLater(InferenceBackend):
    def execute(self, inputs):
        if any(row["x"] == 0 for row in inputs):
            sys.exit(0)
        return inputs

class Panic(BaseException):
    pass

class Panics(InferenceBackend):
    def execute(self, inputs):
        raise Panic("index out of bounds")

class Noisy(InferenceBackend):
    def initialize(self):
        print("initialize prints")
        os.write(1, b"initialize writes\\n")
    def execute(self, inputs):
        print("execute prints")
        sys.stdout.buffer.write(b"execute writes bytes\\n")
        os.write(1, b"execute writes to the descriptor\\n")
        os.system("echo execute has a child that prints")
        return inputs

class Announcing(InferenceBackend):
    def execute(self, inputs):
        print("executing", flush=True)
        return inputs

class Slow(InferenceBackend):
    def execute(self, inputs):
        print("executing", flush=True)
        time.sleep(60)
        return inputs

class Settings(BackendConfig):
    greeting: str = "hello"
    limits: dict = {"low": 0, "high": 10}

class Told(InferenceBackend):
    base_config_model = Settings
    def execute(self, inputs):
        return [{"greeting": self.config.greeting, "limits": self.config.limits} for _ in inputs]

class Closing(InferenceBackend):
    def execute(self, inputs):
        return [{"inverse": 1 / row["x"]} for row in inputs]
    def shutdown(self):
        print("shut down; out.jsonl", "is" if os.path.exists("out.jsonl") else "is not", "there")

class FailsToClose(Closing):
    def shutdown(self):
        raise OSError("the line is dead")

class ExitsAtTheEnd(Closing):
    def shutdown(self):
        sys.exit(0)

class OwnClose(Closing):
    def close(self, force):
        raise AssertionError
    def __exit__(self, *reason):
        raise AssertionError

class Columns(InferenceBackend):
    def execute(self, inputs):
        return [{"x": float(cell)} for cell in inputs[:, 0]]
"""


class Packflow:
    """Runs the command in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=clean_environment(PYTHONIOENCODING="utf-8", COLUMNS="200", **(env or {})),
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def run(self, backend: str, *arguments: str, stdin: bytes = b"", **env: str) -> list[dict[str, Any]]:
        """Run ``packflow run``, which has to work; give the results on standard output."""
        done = self("run", f"inference.py:{backend}", *arguments, stdin=stdin, env=env)
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def refusal(self, *arguments: str, stdin: bytes = b"", status: int = 1, **env: str) -> str:
        """Run ``packflow run``, which has to fail, without a stack trace; give what it says."""
        done = self("run", *arguments, stdin=stdin, env=env)
        said = done.stderr.decode()
        assert done.returncode == status, said
        assert "Traceback" not in said
        assert said.strip()
        return said


def lines(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def left_in(folder: Path) -> set[str]:
    """Name the files in a folder, hidden ones too, without what the fixture and Python put there."""
    return {path.name for path in folder.iterdir()} - {"inference.py", "__pycache__"}
