"""A lock as its users meet it: plugins built as wheels, locked in one environment, deployed in another, upgraded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from packflow.plugin.recorded import read_record
from tests.support.environments import Environment, build_wheel

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-lamp"
version = "{version}"

[project.scripts]
lamp = "acme_lamp:main"

[project.entry-points."packflow.backends"]
lamp = "acme_lamp:Lamp"
"""
MODULE = """
from packflow import InferenceBackend

class Lamp(InferenceBackend):
    def execute(self, inputs):
        return [{"light": row["on"]} for row in inputs]
"""


def make_wheel(folder: Path, version: str, module: str) -> Path:
    project = folder / f"lamp-{version}"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT.format(version=version))
    (project / "acme_lamp.py").write_text(module)
    return build_wheel(project, folder / "wheels")


def record_digest(site_packages: Path, name: str) -> str | None:
    (info,) = site_packages.glob(f"{name}-*.dist-info")
    return read_record(str(info)).digest


def test_a_locked_plugin_runs_and_an_upgraded_or_edited_one_does_not(environment: Environment, tmp_path: Path) -> None:
    lock = tmp_path / "packflow-lock.toml"
    frozen = (
        f"import os, sys; os.environ['PACKFLOW_PLUGIN_LOCK'] = {str(lock)!r}; from packflow.cli import main; main()"
    )

    def packflow(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(environment.python), "-c", frozen, *arguments]
        return (
            subprocess.run(  # elsewhere, for `python -c` would take packflow from this folder, and that is not locked
                command, input='{"on": true}\n', cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
            )
        )

    wheel = make_wheel(tmp_path, "1.0", MODULE)
    environment.install(wheel)
    environment.packflow("plugins", "lock", "-o", str(lock))
    assert packflow("plugins", "lock", "--check", "--verify").returncode == 0
    assert json.loads(packflow("run", "lamp", "--set", "verbose=false").stdout) == {"light": True}

    # The same wheel elsewhere has another RECORD, for its script begins with the interpreter's path; and the same hash.
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(other)], check=True)
    environment.pip("--python", str(other / "bin/python"), "install", "--no-index", "--no-compile", str(wheel))
    here, there = (next(folder.glob("lib/python*/site-packages")) for folder in (environment.bin.parent, other))
    records = [(site / "acme_lamp-1.0.dist-info/RECORD").read_text() for site in (here, there)]
    assert records[0] != records[1]
    assert record_digest(here, "acme_lamp") == record_digest(there, "acme_lamp")

    module = here / "acme_lamp.py"
    module.write_text(module.read_text() + "\n# edited\n")
    assert packflow("plugins", "lock", "--check").returncode == 0
    verified = packflow("plugins", "lock", "--check", "--verify")
    assert (verified.returncode, verified.stdout) == (
        1,
        "acme_lamp.py of acme-lamp 1.0 was changed after it was installed\n",
    )

    environment.install(make_wheel(tmp_path, "1.1", "raise RuntimeError('imported')"))
    compared = packflow("plugins", "lock", "--check")
    assert (compared.returncode, compared.stdout) == (1, "acme-lamp 1.0 is locked, but 1.1 is installed\n")
    ran = packflow("run", "lamp")
    assert ran.returncode == 1
    assert "pip install 'acme-lamp==1.0'" in ran.stderr
    assert "imported" not in ran.stderr

    environment.pip("uninstall", "--yes", "acme-lamp")
    ran = packflow("run", "lamp")
    assert ran.returncode == 1
    assert "is locked, but not installed; pip install 'acme-lamp==1.0'" in ran.stderr
