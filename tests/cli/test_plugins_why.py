"""``packflow plugins why``, the explanation below an error, and the paths in ``packflow plugins list``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from packflow.cli import main, told_beyond
from packflow.exceptions import InferenceBackendLoadError, PackflowError
from packflow.plugin import api
from packflow.plugin.index import scan
from packflow.plugin.registry import Registry
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import clean_environment

BOOM = "raise RuntimeError('no licence\\n\\x1b[2Jfile')"
HEARS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_call_finished():
    pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of distributions, read anew for the test; no module in them can be imported."""
    folder, early = tmp_path / "site", tmp_path / "early"
    add_distribution(folder, "acme", "1.0", {"backend": {"fast": "acme_why:Fast", "only": "acme_why:Fast"}})
    add_distribution(folder, "other", "2.0", {"backend": {"fast": "other_why:Fast"}})
    add_distribution(folder, "doubled", "2.0", {"backend": {"new": "doubled_why:Fast"}})
    add_distribution(early, "doubled", "1.0")
    add_distribution(folder, "listens", "3.0", {"hooks": {"ears": "listens_why"}})
    path = [str(early), str(folder), *sys.path]
    monkeypatch.setattr(sys, "path", path)
    monkeypatch.setattr(api, "_shared", Registry(scan=lambda: scan(path)))
    (folder / "acme_why.py").write_text(BOOM)
    (folder / "listens_why.py").write_text(HEARS)
    return tmp_path


class Done(NamedTuple):
    """What came of a command."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def packflow(site: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in this process, beside those distributions."""

    def run(*arguments: str, **environ: str) -> Done:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(arguments, prog_name="packflow")
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    (site / "input.jsonl").write_text('{"x": 1}\n')
    monkeypatch.chdir(site)
    return run


def test_a_name_that_resolves(packflow, site: Path) -> None:
    done = packflow("plugins", "why", "records")
    assert done.exit_code == 0
    assert done.stdout.startswith("preprocessor 'records': means packflow ")
    assert "won" in done.stdout


@pytest.mark.parametrize("name", ["acme/fast", "other/FAST"])
def test_a_qualified_name_resolves(packflow, name: str) -> None:
    done = packflow("plugins", "why", name, "--kind", "backend")
    assert (done.exit_code, done.stdout.count("won")) == (0, 1)


def test_a_tie_shows_both_with_version_and_path(packflow, site: Path) -> None:
    done = packflow("plugins", "why", "fast")
    assert done.exit_code == 1
    for said in ("tied", "acme 1.0", "other 2.0", str(site / "site" / "acme-1.0.dist-info"), "'other/fast'"):
        assert said in done.stdout


def test_data_for_programs(packflow, site: Path) -> None:
    done = packflow("plugins", "why", "fast", "--json", PACKFLOW_DISABLE_PLUGINS="other")
    data = json.loads(done.stdout)
    assert (done.exit_code, data["outcome"], data["kind"], data["name"]) == (0, "resolved", None, "fast")
    assert [(one["distribution"], one["verdict"]) for one in data["candidates"]] == [
        ("acme", "won"),
        ("other", "blocked"),
    ]
    assert data["chosen"] == data["candidates"][:1]
    assert data["chosen"][0]["location"] == str(site / "site" / "acme-1.0.dist-info")
    assert "PACKFLOW_DISABLE_PLUGINS names 'other'" in data["candidates"][1]["reason"]


def test_a_copy_that_is_shadowed(packflow, site: Path) -> None:
    done = packflow("plugins", "why", "new")
    assert done.exit_code == 1
    assert "shadowed" in done.stdout
    assert str(site / "site" / "doubled-2.0.dist-info") in done.stdout
    assert str(site / "early" / "doubled-1.0.dist-info") in done.stdout


def test_an_unknown_name_gets_near_ones_and_is_told_of_hooks(packflow, site: Path) -> None:
    done = packflow("plugins", "why", "onx", "--kind", "backend")
    assert done.exit_code == 1
    assert "Did you mean 'onnx' (pip install packflow-onnx)?" in done.stdout
    assert "listens/ears 3.0" in done.stdout


def test_asking_imports_no_plugin_and_no_more_than_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    plugins = {"backend": {"fast": "acme_why:Fast"}, "hooks": {"ears": "acme_why"}}
    add_distribution(folder, "acme", "1.0", plugins, {"acme_why.py": "raise SystemExit(7)"})
    script = (
        "import sys\n"
        "from packflow.cli import main\n"
        "for name in ('fast', 'ears', 'nothing'):\n"
        "    main(['plugins', 'why', name], standalone_mode=False)\n"
        "print(*sorted(sys.modules))\n"
    )
    env = clean_environment(PYTHONPATH=str(folder))
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"acme_why", "numpy", "pydantic", "pluggy", "packflow.backend.base", "packflow.runner.engine"}
    assert done.stdout.count("won") == 2


def test_an_unknown_kind_is_wrong_usage(packflow, site: Path) -> None:
    assert packflow("plugins", "why", "fast", "--kind", "backends").exit_code == 2


def test_what_a_package_is_called_cannot_harm_a_terminal(packflow, site: Path) -> None:
    evil = "Metadata-Version: 2.1\nName: evil\x1b[2J\nVersion: 1.0\n"
    add_distribution(site / "site", "evil", "1.0", {"backend": {"trap": "evil:Trap"}}, metadata=evil)
    done = packflow("plugins", "why", "trap")
    assert "\x1b" not in done.stdout
    assert "evil\\x1b[2J 1.0" in done.stdout


def test_an_error_is_followed_by_what_it_does_not_say(packflow, site: Path) -> None:
    done = packflow("run", "fast", "input.jsonl")
    assert (done.exit_code, done.stdout) == (1, "")
    message, *rest = done.stderr.splitlines()
    assert message.startswith("Error: 'fast': Several installed distributions register")
    assert rest[0] == "  backend 'fast': several have the name, and no setting says which is meant"
    assert all(line.startswith("  ") for line in rest)
    assert any(line.strip() == f"at {site / 'site' / 'other-2.0.dist-info'}" for line in rest)


def test_a_failure_is_followed_by_the_path_and_says_nothing_twice(packflow, site: Path) -> None:
    done = packflow("run", "only", "input.jsonl")
    assert done.exit_code == 1
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    assert f"at {site / 'site' / 'acme-1.0.dist-info'}" in done.stderr
    assert done.stderr.count("licence") <= 2  # once in the message; its second line is part of one line below


def test_a_typing_error_is_followed_by_nothing(packflow, site: Path) -> None:
    done = packflow("run", "recrods", "input.jsonl")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1


def test_an_explanation_is_found_wherever_it_is_in_the_chain() -> None:
    cause = PackflowError("why").explained("one\n  two\n  three")
    error = InferenceBackendLoadError("it says two already")
    error.__cause__ = ValueError("between")
    error.__cause__.__cause__ = cause
    assert told_beyond(error) == "\n  one\n    three"
    assert told_beyond(ValueError("none")) == ""


def test_the_list_gives_the_path_of_each_copy_that_is_left_out(packflow, site: Path) -> None:
    table = packflow("plugins", "list")
    assert table.exit_code == 0
    assert f"{site / 'site' / 'doubled-2.0.dist-info'}: shadowed by doubled 1.0" in table.stdout
    records = json.loads(packflow("plugins", "list", "--json").stdout)
    (left_out,) = [record for record in records if record["kind"] == "distribution"]
    assert (left_out["state"], left_out["location"]) == ("conflict", str(site / "site" / "doubled-2.0.dist-info"))
    one_kind = packflow("plugins", "list", "--kind", "backend")
    assert "doubled" not in one_kind.stdout
    assert "were left out: 1." in one_kind.stderr


def test_a_sound_backend_is_run_as_before(packflow, site: Path) -> None:
    add_distribution(site / "site", "sound", "1.0", {"backend": {"sound": "sound_why:Fast"}}, {"sound_why.py": BACKEND})
    done = packflow("run", "sound", "--quiet", "input.jsonl")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"x": 1})
