"""Whether the plugins and versions here are those that an archive's samples ran with."""

from __future__ import annotations

import importlib
import json
import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from packflow.exceptions import ProjectError
from packflow.plugin.index import scan
from packflow.plugin.lockable import lockable
from packflow.plugin.policy import Policy
from packflow.project.archive.manifest import Manifest, from_json
from packflow.project.archive.running import differences_here, manifest_in, require_same, version_differences
from packflow.project.archive.unpacking import open_archive
from tests.support.archives import MANIFEST, PROJECT, manifest_of, write_archive
from tests.support.distributions import add_distribution, remove_distribution
from tests.support.records import write_record

BREAKS = "raise RuntimeError('imported')"
HERE = platform.python_version()


class Site:
    """A folder that stands for site-packages, with one plugin in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.info = self.add("1.0")

    def add(self, version: str, *, module: str = BREAKS, value: str = "acme:Fast") -> Path:
        info = add_distribution(self.folder, "acme", version, {"backend": {"fast": value}}, {"acme.py": module})
        importlib.invalidate_caches()
        self.info = write_record(info, "acme.py")
        return self.info

    def replace(self, version: str, **changes: str) -> None:
        remove_distribution(self.info)
        self.add(version, **changes)

    @staticmethod
    def locked() -> dict[str, object]:
        """Give the data of a lock that holds what is there."""
        [plugin] = [one for one in lockable(scan(), Policy()).lock.plugins if one.distribution == "acme"]
        told = {"name": plugin.distribution, "version": plugin.version, "record": plugin.record}
        return {"lock-version": 1, "distribution": [{**told, plugin.kind: {plugin.name: plugin.value}}]}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    return Site(tmp_path / "site")


def manifest(**changes: object) -> Manifest:
    return from_json(json.dumps(manifest_of(PROJECT, **changes)).encode())


class TestPlugins:
    def test_the_same_are_no_difference(self, site):
        assert differences_here(manifest(plugins=site.locked())).plugins == ()

    def test_more_of_them_are_no_difference(self, site):
        add_distribution(site.folder, "other", "1.0", {"backend": {"other": "other:Other"}})
        assert differences_here(manifest(plugins=site.locked())).plugins == ()

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (
                lambda site: remove_distribution(site.info),
                "the backend plugin 'fast' of acme 1.0 is locked, but not inst",
            ),
            (lambda site: site.replace("1.1"), "acme 1.0 is locked, but 1.1 is installed"),
            (
                lambda site: site.replace("1.0", module="# other"),
                "acme 1.0 was installed from other files than those that",
            ),
            (lambda site: site.replace("1.0", value="acme:Other"), "is acme:Other, but acme:Fast is locked"),
        ],
        ids=["missing", "another version", "other files", "another object"],
    )
    def test_what_differs_is_told_and_nothing_imported(self, site, change, said):
        wanted = manifest(plugins=site.locked())
        change(site)
        [told] = differences_here(wanted).plugins
        assert said in told

    @pytest.mark.parametrize(("field", "value"), [("version", "0.0.1"), ("record", "sha256:" + "0" * 64)])
    def test_of_packflows_own_another_version_is_one_of_a_library(self, field, value):
        [own] = [one for one in lockable(scan(), Policy()).lock.plugins if one.name == "records"]
        told = {"name": own.distribution, "version": own.version, "record": own.record, field: value}
        lock = {"lock-version": 1, "distribution": [{**told, own.kind: {own.name: own.value}}]}
        found = differences_here(manifest(plugins=lock, packflow=told["version"]))
        assert found.plugins == ()
        [version] = found.versions
        assert version.startswith("packflow ")

    def test_of_packflows_own_one_that_is_gone_is_told(self):
        told = {"name": "packflow", "version": version("packflow"), "record": "sha256:" + "0" * 64}
        lock = {"lock-version": 1, "distribution": [{**told, "preprocessor": {"gone": "packflow:Gone"}}]}
        [gone] = differences_here(manifest(plugins=lock)).plugins
        assert "'gone'" in gone

    def test_one_that_the_operator_forbids_is_told(self, site, monkeypatch):
        wanted = manifest(plugins=site.locked())
        monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "acme")
        [told] = differences_here(wanted).plugins
        assert "PACKFLOW_DISABLE_PLUGINS names 'acme'" in told

    def test_an_archive_is_not_run_with_others_but_on_purpose(self, site, tmp_path, logs):
        archive = write_archive(tmp_path / "doubler-1.0.zip", manifest=manifest_of(PROJECT, plugins=site.locked()))
        with open_archive(archive) as project:
            assert project.config.name == "doubler"
        assert logs == []
        site.replace("2.0")
        with (
            pytest.raises(
                ProjectError, match=re.escape(f"samples of {archive} ran with:\n- acme 1.0 is locked, but 2.0")
            ),
            open_archive(archive),
        ):
            pass
        with open_archive(archive, any_versions=True) as project:
            assert project.config.name == "doubler"
        assert "acme 1.0 is locked, but 2.0 is installed" in logs[-1].text


class TestVersions:
    def test_the_same_are_no_difference(self):
        ran_with = {"python": HERE, "distributions": {"click": version("click")}}
        assert differences_here(manifest(ran_with=ran_with)).versions == ()

    def test_all_that_differ_are_named_in_one_warning(self, logs):
        ran_with = {
            "python": "3.9.1",
            "distributions": {"click": "0.1", "pydantic": version("pydantic"), "no-such": "1"},
        }
        require_same(manifest(ran_with=ran_with), "doubler-1.0.zip")
        said = f"Python 3.9.1 (here {HERE}); click 0.1 (here {version('click')}); no-such 1 (not installed here)."
        assert said in logs[-1].text
        assert "pydantic" not in logs[-1].text

    def test_what_is_absent_here_and_among_the_wheels_was_not_required(self):
        distributions = {"click": "0.1", "No_Such": "1", "chance": "1"}
        file = "wheels/no_such-1-py3-none-any.whl"
        ran_with = {"python": HERE, "distributions": distributions}
        wheels = [{"file": file, "name": "no-such", "version": "1"}]
        found = manifest_of({**PROJECT, file: b""}, ran_with=ran_with, wheels=wheels)
        told = (f"click 0.1 (here {version('click')})", "No_Such 1 (not installed here)")
        assert differences_here(from_json(json.dumps(found).encode())).versions == told

    @pytest.mark.parametrize(
        ("there", "differs"), [("3.11.0", False), ("3.11.99", False), ("3.12.4", True), ("4", True)]
    )
    def test_the_minor_version_of_python_counts(self, there, differs):
        assert bool(version_differences({"Python": there}, {"Python": "3.11.4"}.get)) is differs

    @pytest.mark.parametrize("name", ["", "..", "a/b", "a\0b", "*", "x" * 5000])
    def test_names_that_are_none_are_not_installed(self, name):
        told = differences_here(manifest(ran_with={"python": HERE, "distributions": {name or " ": "1"}})).versions
        assert told == (f"{name or ' '} 1 (not installed here)",)


class TestTheManifestInAFolder:
    def test_there_may_be_none(self, tmp_path):
        assert manifest_in(tmp_path) is None

    def test_it_is_read(self, tmp_path):
        (tmp_path / MANIFEST).write_text(json.dumps(manifest_of(PROJECT)))
        found = manifest_in(tmp_path)
        assert found is not None
        assert found.name == "doubler"

    def test_one_that_is_far_too_long_is_told(self, tmp_path):
        with (tmp_path / MANIFEST).open("wb") as stream:
            stream.truncate(1 << 40)
        with pytest.raises(ProjectError, match="it is too large"):
            manifest_in(tmp_path)

    @pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b"[" * 100_000], ids=["empty", "list", "no text", "deep"])
    def test_one_that_cannot_be_read_is_told(self, tmp_path, text):
        (tmp_path / MANIFEST).write_bytes(text)
        with pytest.raises(ProjectError, match="Unpack the archive again, or remove this file") as error:
            manifest_in(tmp_path)
        assert error.value.file == str(tmp_path / MANIFEST)
