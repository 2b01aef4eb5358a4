"""What the samples ran with, although nothing that the project requires brings it."""

from __future__ import annotations

from pathlib import Path

from packflow.project.requirements import Requirements
from packflow.project.validation import Check, validate_project
from packflow.project.validation.environment import check_used
from packflow.project.validation.usage import imported_by_project
from tests.plugin.conftest import Site
from tests.plugin.conftest import site as site
from tests.project.validation.projects import SOUND, check, write_project


def test_what_is_not_required_is_a_warning_and_no_failure(site: Site, tmp_path: Path) -> None:
    modules = {"Acme-Fast": {"acme_fast.py": "import acme_deep"}, "acme-deep": {"acme_deep.py": ""}}
    for name, files in modules.items():
        (site.add(name, "1.2", modules=files) / "RECORD").write_text(f"{next(iter(files))},,\n")
    helpers = {"helpers.py": "import acme_fast"}
    folder = write_project(tmp_path / "project", "import helpers\n" + SOUND, helpers)
    report = validate_project(folder)
    found = check(report, "requirements")
    assert (report.passed, found.status) == (True, "warning")
    assert found.detail == "the samples ran with acme-deep, Acme-Fast, which requirements.txt does not bring"
    assert found.remedy.endswith(": acme-deep==1.2 Acme-Fast==1.2")
    (folder / "requirements.txt").write_text("packflow\nacme_fast\nacme.deep\n")
    assert check(validate_project(folder), "requirements").status == "passed"


HOOKS = """
from packflow.plugin import hookimpl
import acme_deep

plugin_api_version = 1

@hookimpl
def packflow_call_finished(metrics):
    pass
"""
REGISTERS = """
@hookimpl
def packflow_register_preprocessors(registry):
    registry.register("acme-rows", "packflow.backend.preprocessors.records:RecordsPreprocessor")
"""


def add_hooks(site: Site, text: str) -> None:
    plugins = {"packflow.plugins": {"watch": "acme_hooks"}}
    metadata = "Metadata-Version: 2.1\nName: Acme-Hooks\nVersion: 1.2\nRequires-Dist: acme-deep\n"
    info = site.add("Acme-Hooks", "1.2", plugins, {"acme_hooks.py": text}, metadata=metadata)
    (info / "RECORD").write_text("acme_hooks.py,,\n")
    (site.add("acme-deep", "0.3", modules={"acme_deep.py": ""}) / "RECORD").write_text("acme_deep.py,,\n")


def test_a_hooks_plugin_that_only_listens_has_no_part_in_it(site: Site, tmp_path: Path) -> None:
    add_hooks(site, HOOKS)
    report = validate_project(write_project(tmp_path / "project"))
    assert report.plugins is not None
    assert "Acme-Hooks" not in str(report.plugins)
    assert "Acme-Hooks" not in check(report, "plugins").detail
    assert report.ran_with is not None
    assert "Acme-Hooks" not in report.ran_with.distributions
    assert check(report, "requirements").status == "passed"  # what the hooks plugin needs comes with it
    folder = write_project(tmp_path / "other", "import acme_hooks\n" + SOUND)
    report = validate_project(folder)
    assert report.ran_with is not None
    assert report.ran_with.distributions["Acme-Hooks"] == "1.2"


def test_a_hooks_plugin_that_has_registered_what_was_used_is_used(site: Site, tmp_path: Path) -> None:
    add_hooks(site, HOOKS + REGISTERS)
    config = "backend_config: {input_format: acme-rows}"
    report = validate_project(write_project(tmp_path / "project", config=config))
    assert report.passed, report
    assert "Acme-Hooks/watch" in check(report, "plugins").detail
    assert report.ran_with is not None
    assert report.ran_with.distributions["Acme-Hooks"] == "1.2"


def test_where_requirements_fail_there_is_nothing_to_add() -> None:
    failed = Check("requirements", "failed", "1 requirement is not met")
    assert check_used(failed, Requirements("requirements.txt"), {"acme": "1.0"}, []) is failed


def test_the_projects_own_files_say_what_they_import(tmp_path: Path) -> None:
    file, broken = tmp_path / "inference.py", tmp_path / "broken.py"
    file.write_text("import a.b\nfrom c.d import e\nfrom . import f\n\ndef load():\n    import g\n")
    broken.write_text("import h h")
    own = {f"packflow.loaders.projects.p1_x.{each.stem}": str(each) for each in (file, broken, tmp_path / "gone.py")}
    others = dict.fromkeys(("a", "a.b", "c.x", "e", "f", "g", "h"))
    assert imported_by_project({**own, **others}) == dict.fromkeys(("a", "a.b", "c.x", "g"))
