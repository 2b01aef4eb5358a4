"""Fresh virtual environments without a network: packflow's requirements are linked in from the one in use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]


def build_wheel(project: Path, into: Path) -> Path:
    """Build a project's wheel with hatchling; give its path."""
    into.mkdir(parents=True, exist_ok=True)
    before = set(into.glob("*.whl"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (wheel,) = set(into.glob("*.whl")) - before
    return wheel


class Environment:
    """A virtual environment that has packflow's requirements, those of some of its extras too, and not packflow."""

    def __init__(self, folder: Path, *extras: str) -> None:
        venv.create(folder, with_pip=True)
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.bin / "python"
        (site_packages,) = folder.glob("lib/python*/site-packages")
        for part in _top_level_of_requirements("packflow", extras):
            if not (site_packages / part.name).exists():
                (site_packages / part.name).symlink_to(part)

    def pip(self, *arguments: str) -> None:
        """Run pip, without any index."""
        self.run(str(self.python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)

    def install(self, *wheels: Path) -> None:
        """Install wheels."""
        self.pip("install", "--no-index", "--no-deps", *map(str, wheels))

    def run(self, *command: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment; it must succeed."""
        quiet = {name: value for name, value in os.environ.items() if not name.startswith(("PACKFLOW", "PYTHON"))}
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=quiet, cwd=cwd or self.bin, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def packflow(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command ``packflow``; it must succeed."""
        return self.run(str(self.bin / "packflow"), *arguments, stdin=stdin)

    def plugin_names(self, kind: str) -> set[str]:
        """Name the plugins that ``packflow plugins list`` shows."""
        listed = json.loads(self.packflow("plugins", "list", "--json", "--kind", kind).stdout)
        return {plugin["name"] for plugin in listed}


def _top_level_of_requirements(name: str, extras: tuple[str, ...]) -> set[Path]:
    """Give every file or folder at the top of site-packages that a distribution's requirements consist of."""
    found: set[Path] = set()
    seen = {name}
    waiting = _requirements(distribution(name), *extras)
    while waiting:
        required = waiting.pop()
        if required in seen:
            continue
        seen.add(required)
        installed = distribution(required)
        for file in installed.files or []:
            if file.parts[0] not in ("..", "__pycache__"):
                found.add(Path(str(installed.locate_file(file.parts[0]))))
        waiting += _requirements(installed)
    return found


def _requirements(installed: Distribution, *extras: str) -> list[str]:
    parsed = [Requirement(text) for text in installed.requires or []]
    return [
        required.name
        for required in parsed
        if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]
