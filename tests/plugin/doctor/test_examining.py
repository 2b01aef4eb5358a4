"""The whole examination, and the report as data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from packflow.exceptions import UnknownPluginError
from packflow.plugin.doctor import CODES, examine
from packflow.plugin.doctor import judge as judge_module
from packflow.plugin.doctor.codes import SEVERITIES
from packflow.plugin.doctor.report import Examination, Report, finding
from tests.plugin.conftest import Site
from tests.support.distributions import BACKEND

HOOKS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register("small", "acme_models:Fast")
    registry.register("gone", "acme_models:Gone")
    registry.register("denied", "acme_models:Denied")
"""


def test_what_hooks_register_is_examined_and_what_is_blocked_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = {"hooks": {"models": "acme_hooks"}, "backend": {"off": "acme_off:Off", "bad/name": "acme_models:Fast"}}
    modules = {"acme_hooks.py": HOOKS, "acme_models.py": BACKEND, "acme_off.py": "raise SystemExit"}
    metadata = "Name: acme\nVersion: 1.0\nRequires-Dist: packflow>=99\nRequires-Dist: acme-none; extra == 'x'\n"
    site.add("acme", "1.0", plugins, modules, metadata=metadata)
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "acme/off,acme/denied,zenith")
    told: list[tuple[int, int]] = []
    report = examine(["acme"], jobs=2, progress=lambda done, total: told.append((done, total)))
    found = {plugin.name: [each.code for each in plugin.findings] for plugin in report.plugins}
    assert found == {
        "bad/name": ["bad-entry-point"],
        "gone": ["attribute-missing"],
        "models": [],
        "off": ["blocked"],
        "small": [],
    }
    statuses = {plugin.name: (plugin.examined, plugin.status) for plugin in report.plugins}
    assert statuses["bad/name"] == ("unusable", "fault")
    assert statuses["off"] == ("blocked", "blocked")
    assert statuses["small"] == ("imported", "ok")
    assert [each.code for each in report.findings] == ["packflow-requirement"]  # and nothing of the settings
    assert told[0] == (0, 1)
    assert told[-1] == (3, 3)
    assert not report.healthy()


def test_settings_are_judged_where_everything_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packflow.plugin.doctor.examining.probe_all", _nothing)
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "zenith")
    assert "unknown-entry" in [found.code for found in examine().findings]
    assert "unknown-entry" not in [found.code for found in examine(kind="backend").findings]


@pytest.mark.parametrize("names", [(), ("packflow/records",)])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PACKFLOW_STRICT_PLUGINS": "maybe"}, "PACKFLOW_STRICT_PLUGINS='maybe'"),
        ({"PACKFLOW_TRACE": "maybe"}, "PACKFLOW_TRACE='maybe'"),
        ({"PACKFLOW_PLUGIN_LOCK": "nowhere/lock.toml"}, "nowhere/lock.toml"),
        ({"PACKFLOW_STRICT_PLUGINS": "1", "PACKFLOW_DISABLE_PLUGINS": "zenith"}, "'zenith'"),
    ],
)
def test_a_setting_with_which_nothing_works_is_an_error_whatever_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr("packflow.plugin.doctor.examining.probe_all", _nothing)
    for variable, text in settings.items():
        monkeypatch.setenv(variable, text)
    report = examine(names)
    (found,) = (found for found in report.findings if found.code in ("bad-setting", "unknown-entry"))
    assert (found.code, found.severity) == ("bad-setting", "error")
    assert said in found.what
    assert not report.healthy()


def _nothing(*arguments: object, **options: object):  # type: ignore[no-untyped-def]
    yield from ()


def test_of_several_copies_the_one_that_counts_is_judged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packflow.plugin.doctor.examining.probe_all", _nothing)
    for version, required in (("1.0", "packflow>=98"), ("2.0", "packflow>=99")):
        metadata = f"Name: acme\nVersion: {version}\nRequires-Dist: {required}\n"
        site.add("acme", version, {"backend": {"fast": "acme:Fast"}}, metadata=metadata)
    copies, requirement = examine(["acme"]).findings
    assert copies.code == "stale-metadata"
    assert ">=99" in requirement.what


@pytest.mark.parametrize("name", ["fast", "acme/fast"])
def test_a_name_that_only_a_hidden_copy_has_leads_to_that_copy(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("packflow.plugin.doctor.examining.probe_all", _nothing)
    site.add("acme", "1.0", {"backend": {"fast": "acme:Fast"}})
    site.add("acme", "2.0", {"backend": {"swift": "acme:Fast"}})
    assert [found.code for found in examine([name]).findings] == ["stale-metadata"]
    with pytest.raises(UnknownPluginError):
        examine([name], "normalizer")


def test_a_file_that_was_changed_since_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packflow.plugin.doctor.examining.probe_all", _nothing)
    info = site.add("acme", "1.0", {"backend": {"fast": "acme_models:Fast"}}, {"acme_models.py": BACKEND})
    (info / "RECORD").write_text("acme_models.py,sha256=AAAA,3\n")
    (found,) = examine(["acme"]).findings
    assert found.code == "changed-files"
    assert found.what == "1 file of acme 1.0 differs from its RECORD"
    assert found.details == ("acme_models.py was changed after it was installed",)


def test_a_distribution_without_any_plugin_can_be_asked_for(site: Site) -> None:
    site.add("acme-lost", "1.0", {"packflow.backend": {"fast": "acme:Fast"}})
    site.add("acme-garbled", "1.0", entry_points=b"\xff[packflow.backends]")
    report = examine(["acme_lost", "acme-garbled"])
    assert report.plugins == ()
    assert [found.code for found in report.findings] == ["unreadable-metadata", "unknown-group"]


def test_a_name_that_means_nothing_is_an_error() -> None:
    with pytest.raises(UnknownPluginError, match="Did you mean 'records'"):
        examine(["recrods"])


@pytest.mark.parametrize("wrong", [{"timeout": float("nan")}, {"timeout": float("inf")}, {"timeout": 0}, {"jobs": 0}])
def test_a_limit_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="where"):
        examine(["packflow/records"], **wrong)


def examined(*codes: str) -> Examination:
    found = tuple(finding(code, "what", "do") for code in codes)
    return Examination("backend", "fast", "acme", "1.0", "a:b", "imported", 1.0, 1, (), found)


def test_the_worst_finding_gives_the_status() -> None:
    assert examined().status == "ok"
    assert examined("writes-to-stderr").status == "ok"
    assert examined("writes-to-stderr", "prints").status == "warn"
    assert examined("prints", "crash", "writes-to-stderr").status == "fault"


@pytest.mark.parametrize(
    ("codes", "healthy", "strictly"),
    [((), True, True), (("blocked",), True, True), (("prints",), True, False), (("prints", "hang"), False, False)],
)
def test_health_is_judged_over_plugins_and_environment(codes: tuple[str, ...], healthy: bool, strictly: bool) -> None:
    of_plugins = Report("1", "3", (examined(*codes),), ())
    of_environment = Report("1", "3", (examined(),), examined(*codes).findings)
    for report in (of_plugins, of_environment):
        assert (report.healthy(), report.healthy(strict=True)) == (healthy, strictly)
        assert sum(report.counts().values()) == len(codes)


def test_the_report_is_json_whole() -> None:
    report = Report("1.0.0", "3.11.7", (examined("prints"),), examined("hang").findings)
    data = json.loads(json.dumps(report.as_json()))
    assert data == report.as_json()
    assert data["counts"] == {"error": 1, "warning": 1, "note": 0}
    (plugin,) = data["plugins"]
    assert plugin["status"] == "warn"
    assert plugin["findings"][0]["severity"] == "warning"
    assert set(data["findings"][0]) == {"code", "severity", "distribution", "what", "where", "remedy", "details"}


def test_every_code_has_a_severity_a_meaning_and_a_use() -> None:
    from pathlib import Path

    folder = Path(judge_module.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "codes.py")
    for code, (severity, meaning) in CODES.items():
        assert severity in SEVERITIES
        assert meaning[0].islower()
        assert not meaning.endswith(".")
        assert f'"{code}"' in text, code
    used = set(re.findall(r'finding\(\s*"([a-z-]+)"', text))
    assert used <= CODES.keys()
