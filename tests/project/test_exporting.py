"""Export: one hash from two checkouts, no secret from a tree full of them, and an earlier archive that stays."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError
from packflow.project import exporting
from packflow.project.archive.reading import read_archive
from packflow.project.exporting import Export, export_project
from packflow.project.project import PackflowProject
from packflow.project.validation.report import Check, RanWith, ValidationReport
from tests.support.distributions import add_distribution

YAML = """\
name: prices
version: 1.0
inference_backend: inference:Backend
backend_config: {}
"""
BACKEND = """\
from pathlib import Path
from packflow import InferenceBackend

RATE = float((Path(__file__).parent / "rate.txt").read_text())

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"fare": round(row["miles"] * RATE, 2)} for row in inputs]
"""
FILES = {
    "packflow.yaml": YAML,
    "inference.py": BACKEND,
    "rate.txt": "0.12",
    "samples.jsonl": '{"miles": 187}\n{"miles": 5}\n',
    "requirements.txt": "numpy>=1  # arrays\n",
    "scripts/run.sh": "#!/bin/sh\n",
    "data/é.csv": "a\n" * 5000,
}


def grow(folder: Path, files: dict[str, str] = FILES) -> PackflowProject:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return PackflowProject(folder)


def passing(project: PackflowProject | str | os.PathLike[str], **_: object) -> ValidationReport:
    checks = (Check("config", "passed", "fine"), Check("license", "warning", "there is no LICENSE.txt"))
    return ValidationReport(
        "prices", "1.0", str(project), checks, 2, 2, (), RanWith("3.11.7", {"numpy": "2.1.0"}), None
    )


@pytest.fixture
def unrun(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a validation pass without running anything."""

    def use(validate: Callable[..., ValidationReport] = passing) -> None:
        monkeypatch.setattr(exporting, "validate_project", validate)

    use()
    return use


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def entries(made: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(made.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_archive_holds_the_files_and_what_the_samples_ran_with(tmp_path: Path) -> None:
    made = export_project(grow(tmp_path / "p"), tmp_path / "out")

    assert made.path == tmp_path / "out/prices-1.0.zip"
    data = made.path.read_bytes()
    assert (made.sha256, made.size) == (hashlib.sha256(data).hexdigest(), len(data))
    found = entries(made)
    manifest = json.loads(found.pop("packflow-manifest.json"))
    assert found == {path: text.encode() for path, text in FILES.items()}
    assert manifest["files"] == {
        path: {"sha256": hashlib.sha256(text.encode()).hexdigest(), "size": len(text.encode())}
        for path, text in sorted(FILES.items())
    }
    assert (manifest["name"], manifest["version"], manifest["samples"]) == ("prices", "1.0", {"count": 2, "passed": 2})
    assert manifest["requirements"] == ["numpy>=1"]
    assert "packflow" in manifest["ran_with"]["distributions"]
    assert {"lock-version", "distribution"} <= manifest["plugins"].keys()
    with read_archive(made.path) as archive:
        assert archive.manifest == made.manifest
        assert [name for name, entry in archive.entries.items() if entry.executable] == ["scripts/run.sh"]
    assert made.left_out == ()


def test_two_checkouts_give_one_hash(tmp_path: Path) -> None:
    one = grow(tmp_path / "one")
    mask = os.umask(0o077)
    try:
        other = grow(tmp_path / "somewhere/else", dict(reversed(FILES.items())))
    finally:
        os.umask(mask)
    (other.path / "scripts/run.sh").chmod(0o700)
    for file in other.path.rglob("*"):
        os.utime(file, (1e9, 1e9))
    (other.path / "__pycache__").mkdir(exist_ok=True)
    (other.path / ".env").write_text("A=1")

    first, second = export_project(one, tmp_path / "a"), export_project(other, tmp_path / "somewhere/else")

    assert first.sha256 == second.sha256
    assert export_project(other, tmp_path / "somewhere/else").sha256 == first.sha256  # beside an earlier archive


class TestTraps:
    """A tree sown with secrets and traps; each holds a canary, and none of them may get out."""

    CANARY = "CANARY"
    KEY = "-----BEGIN RSA PRIVATE" + " KEY-----\nCANARY\n"
    SECRETS = {
        ".env": "A=CANARY",
        ".env.local": "A=CANARY",
        "deploy/production.env": "A=CANARY",
        ".envrc": "export A=CANARY",
        "id_rsa": "CANARY",
        "keys/id_ed25519": "CANARY",
        "server.pem": KEY,
        "innocent.txt": KEY,
        "server.key": "CANARY",
        "store.p12": "CANARY",
        "store.jks": "CANARY",
        "vault.kdbx": "CANARY",
        ".netrc": "machine a login b password CANARY",
        ".pypirc": "password = CANARY",
        ".npmrc": "CANARY",
        "pip.conf": "[global]\nindex-url = https://me:CANARY@example.org",
        ".aws/credentials": "CANARY",
        ".ssh/config": "CANARY",
        ".gnupg/pubring.kbx": "CANARY",
        ".kube/config": "CANARY",
        "kubeconfig": "CANARY",
        ".docker/config.json": "CANARY",
        "docker.json": '{"auths": {"a": {"auth": "CANARY"}}}',
        "google.json": '{"type": "service_account", "private_key": "CANARY"}',
        "service-account.json": "CANARY",
        ".config/gcloud/access_tokens.db": "CANARY",
        ".git-credentials": "https://me:CANARY@example.org",
        ".htpasswd": "me:CANARY",
        "infra/terraform.tfstate": "CANARY",
        "secrets.yaml": "a: CANARY",
        ".bash_history": "CANARY",
        ".git/config": "CANARY",
        "vendor/lib/.git": "gitdir: CANARY",
        ".hg/hgrc": "CANARY",
        ".svn/entries": "CANARY",
        "my-env/pyvenv.cfg": "CANARY",
        "my-env/lib/python/x.py": "CANARY",
        "conda/conda-meta/history": "CANARY",
        "conda/x.py": "CANARY",
        "__pycache__/inference.cpython-311.pyc": "CANARY",
        ".mypy_cache/x.json": "CANARY",
        ".pytest_cache/x": "CANARY",
        ".ipynb_checkpoints/x.ipynb": "CANARY",
        "node_modules/x.js": "CANARY",
        "ignored.bin": "CANARY",
        "sub/deep/nested-ignored.txt": "CANARY",
        "excluded-here.txt": "CANARY",
        "left-out.csv": "CANARY",
        "._inference.py": "CANARY",
        "inference.py~": "CANARY",
        "out/old.txt": "CANARY",
    }
    KEPT = {
        ".gitignore": "*.bin\n!kept.bin\n",
        "kept.bin": "kept",
        "sub/.gitignore": "deep/nested-*\n",
        "sub/deep/kept.txt": "kept",
        ".packflowignore": "*.csv\n!data/*.csv\n",
        "tokenizer.json": "{}",
        "ca.pem": "-----BEGIN CERTIFICATE-----\nMIIE\n",
    }

    def sow(self, root: Path) -> PackflowProject:
        outside = root / "outside"
        outside.mkdir(parents=True)
        (outside / "secret.txt").write_text(self.CANARY)
        project = grow(root / "p", FILES | self.SECRETS | self.KEPT | {".git/info/exclude": "excluded-*\n"})
        with zipfile.ZipFile(project.path / "prices-0.9.zip", "w") as earlier:
            earlier.writestr("packflow-manifest.json", self.CANARY)
        links = {
            "link-out": outside / "secret.txt",
            "link-up": "../outside/secret.txt",
            "folder-out": outside,
            "link-to-env": ".env",
            "link-to-key": "keys/id_ed25519",
            "dangling": "gone",
            "loop": "loop",
            "sub/again": "..",
        }
        for name, target in links.items():
            (project.path / name).symlink_to(target)
        os.mkfifo(project.path / "pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
        return project

    @pytest.mark.skipif(os.name != "posix", reason="some traps are there only on POSIX")
    def test_none_is_in_the_archive(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "p").mkdir()
        monkeypatch.chdir(tmp_path / "p")  # a socket's path may not be long
        project = self.sow(tmp_path)

        made = export_project(project, project.path / "out")

        found = entries(made)
        assert set(found) == {"packflow-manifest.json", *FILES, *self.KEPT}
        assert self.CANARY.encode() not in b"".join(found.values()) + made.path.read_bytes()
        assert found["data/é.csv"] == FILES["data/é.csv"].encode()
        for path in [*self.SECRETS, "link-out", "link-up", "folder-out", "dangling", "loop", "pipe", "socket"]:
            assert any(path == left.path or path.startswith(left.path) for left in made.left_out), path
        assert all(left.reason for left in made.left_out)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({".gitignore": "inference.py\n"}, r"inference\.py, which inference_backend \(inference:Backend\) needs: "),
        ({".gitignore": "*.jsonl\n"}, r"samples\.jsonl, which every project needs: \.gitignore excludes it \(line 1"),
        ({".packflowignore": "*.yaml\n"}, r"packflow\.yaml, which every project needs"),
        ({".gitignore": "requirements.txt"}, r"requirements\.txt, which the list of requirements needs"),
        (
            {"packflow.yaml": YAML.replace("{}", "{model: m.onnx}"), "m.onnx": "x", ".gitignore": "*.onnx"},
            r"m\.onnx, which backend_config\.model needs: \.gitignore excludes it \(line 1: \*\.onnx\)",
        ),
        (
            {"requirements.txt": "-r ../base.txt\n", "../base.txt": "packflow\n"},
            r"\.\./base\.txt, which the list of requirements needs: it is outside of the project",
        ),
        (
            {"packflow.yaml": YAML.replace("{}", "{model: ../m.onnx}"), "../m.onnx": "x"},
            r"\.\./m\.onnx, which backend_config\.model names: it is outside of the project",
        ),
        ({"inference.py": "TOKEN = 'ghp" + "_" + "A1b2" * 9 + "'"}, r"inference\.py, line 1: a GitHub token"),
        ({"a:b.txt": ""}, r"a:b\.txt': it has ':', which Windows does not allow in names"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_anything_runs(
    tmp_path: Path, unrun: Callable[..., None], changed: dict[str, str], told: str
) -> None:
    project = grow(tmp_path / "p", FILES | changed)
    unrun(lambda *_, **__: pytest.fail("it ran"))

    with pytest.raises(ArchiveError, match=told):
        export_project(project, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_project_that_is_not_valid_is_refused_with_the_reasons(tmp_path: Path) -> None:
    project = grow(tmp_path / "p", FILES | {"inference.py": BACKEND.replace("round", "rounded")})

    with pytest.raises(ArchiveError) as caught:
        export_project(project, tmp_path)

    assert "is not valid, so no archive was made" in str(caught.value)
    assert "name 'rounded' is not defined" in str(caught.value)
    assert not list(tmp_path.glob("*.zip"))


def test_an_archive_that_lacks_something_is_refused(tmp_path: Path) -> None:
    project = grow(tmp_path / "p", FILES | {".gitignore": "rate.*\n"})

    with pytest.raises(ArchiveError) as caught:
        export_project(project, tmp_path)

    assert str(caught.value).startswith("What the archive holds is not valid, so no archive was made:\n- backend: ")
    assert "The project itself is valid: the archive lacks something" in str(caught.value)
    assert "rate.txt: .gitignore excludes it (line 1: rate.*)" in str(caught.value)
    assert names_in(tmp_path) == ["p"]


class TestAnEarlierArchive:
    @pytest.fixture
    def earlier(self, tmp_path: Path) -> Path:
        archive = tmp_path / "prices-1.0.zip"
        archive.write_bytes(b"PK earlier")
        return archive

    def test_is_replaced(self, tmp_path: Path, earlier: Path, unrun: object) -> None:
        earlier.chmod(0o640)

        made = export_project(grow(tmp_path / "p"), tmp_path)

        assert made.path == earlier
        assert zipfile.is_zipfile(earlier)
        assert earlier.stat().st_mode & 0o777 == 0o640

    @pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")])
    def test_stays_where_writing_fails(
        self, tmp_path: Path, earlier: Path, unrun: object, monkeypatch: pytest.MonkeyPatch, failure: BaseException
    ) -> None:
        def fail(stream: object, *_: object) -> None:
            stream.write(b"PK half")  # type: ignore[attr-defined]
            raise failure

        monkeypatch.setattr(exporting, "write_archive", fail)

        with pytest.raises((ArchiveError, type(failure))) as caught:
            export_project(grow(tmp_path / "p"), tmp_path)

        if isinstance(failure, OSError):
            assert str(caught.value) == f"{earlier} cannot be written: No space left on device."
        assert earlier.read_bytes() == b"PK earlier"
        assert names_in(tmp_path) == ["p", "prices-1.0.zip"]

    def test_stays_where_the_project_is_not_valid(
        self, tmp_path: Path, earlier: Path, unrun: Callable[..., None]
    ) -> None:
        failed = (Check("samples", "failed", "they fail", "Mend them."),)
        unrun(lambda project, **_: passing(project)._replace(checks=failed))

        with pytest.raises(ArchiveError, match=r"- samples: they fail\. Mend them\."):
            export_project(grow(tmp_path / "p"), tmp_path)

        assert earlier.read_bytes() == b"PK earlier"

    def test_stays_where_a_file_changes_meanwhile(
        self, tmp_path: Path, earlier: Path, unrun: Callable[..., None]
    ) -> None:
        project = grow(tmp_path / "p")

        def write_into_it(*arguments: object, **_: object) -> ValidationReport:
            (project.path / "rate.txt").write_text("0.13")
            return passing(project)

        unrun(write_into_it)

        with pytest.raises(ArchiveError, match=r"rate\.txt was changed while it was exported"):
            export_project(project, tmp_path)

        assert earlier.read_bytes() == b"PK earlier"
        assert names_in(tmp_path) == ["p", "prices-1.0.zip"]

    def test_is_not_taken_for_what_is_none(self, tmp_path: Path, earlier: Path, unrun: object) -> None:
        earlier.write_text("my notes")

        with pytest.raises(ArchiveError, match="is there, and is no archive; it is left as it is"):
            export_project(grow(tmp_path / "p"), tmp_path)

        assert earlier.read_text() == "my notes"

    def test_is_no_folder(self, tmp_path: Path, unrun: object) -> None:
        (tmp_path / "prices-1.0.zip").mkdir()

        with pytest.raises(ArchiveError, match=r"prices-1\.0\.zip is a folder"):
            export_project(grow(tmp_path / "p"), tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_nothing_is_written_into_a_pipe(tmp_path: Path, unrun: object) -> None:
    os.mkfifo(tmp_path / "prices-1.0.zip")

    with pytest.raises(ArchiveError, match=r"prices-1\.0\.zip is no regular file"):
        export_project(grow(tmp_path / "p"), tmp_path)


def test_what_appears_while_the_samples_run_does_not_get_in(tmp_path: Path, unrun: Callable[..., None]) -> None:
    project = grow(tmp_path / "p")

    def write_beside_it(*arguments: object, **_: object) -> ValidationReport:
        (project.path / "predictions.log").write_text("x")
        return passing(project)

    unrun(write_beside_it)

    assert "predictions.log" not in entries(export_project(project, tmp_path))


def test_a_path_that_only_this_machine_has_is_warned_of(tmp_path: Path, unrun: object) -> None:
    (tmp_path / "m.onnx").write_text("x")
    project = grow(tmp_path / "p", FILES | {"packflow.yaml": YAML.replace("{}", f"{{model: {tmp_path}/m.onnx}}")})

    (warning,) = export_project(project, tmp_path).warnings

    assert warning.startswith(f"backend_config.model names {tmp_path}/m.onnx, which is not in the project")


def test_an_archive_that_nobody_unpacks_without_saying_so_is_warned_of(
    tmp_path: Path, unrun: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packflow.project.archive.limits.ALWAYS", 1 << 20)
    project = grow(tmp_path / "p", FILES | {"zeros.txt": "0" * (2 << 20)})

    made = export_project(project, tmp_path)

    (warning,) = made.warnings
    assert "to unpack more than 20000 files or 1 MiB" in warning
    with pytest.raises(ArchiveError, match="where 1 MiB are allowed"), read_archive(made.path):
        pass


def test_the_folder_cannot_be_made(tmp_path: Path, unrun: object) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ArchiveError, match=r"prices-1\.0\.zip cannot be written: (Not a directory|File exists)"):
        export_project(grow(tmp_path / "p"), tmp_path / "file")


def test_nothing_of_a_failed_validation_is_hidden_by_a_missing_record(
    tmp_path: Path, unrun: Callable[..., None]
) -> None:
    unrun(lambda project, **_: passing(project)._replace(ran_with=None))

    with pytest.raises(ArchiveError, match=r"What the samples of .* ran with is not known"):
        export_project(grow(tmp_path / "p"), tmp_path)


def test_a_plugin_that_is_installed_from_its_source_is_warned_of(
    tmp_path: Path, unrun: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    info = add_distribution(tmp_path / "site", "acme-fast", "1.2")
    (info / "direct_url.json").write_text('{"url": "file:///src", "dir_info": {"editable": true}}')
    monkeypatch.syspath_prepend(tmp_path / "site")
    locked = [{"name": "acme-fast", "version": "1.2", "record": "sha256:" + "0" * 64, "backend": {"fast": "acme:Fast"}}]
    plugins = {"lock-version": 1, "distribution": locked}
    unrun(lambda project, **_: passing(project)._replace(plugins=plugins))

    made = export_project(grow(tmp_path / "p"), tmp_path)

    assert made.manifest.plugins == plugins
    assert made.warnings[0].startswith("acme-fast 1.2, whose plugin the samples used, is installed editable, from its")
