"""What installed metadata gets wrong: copies that disagree, groups that nobody reads, and packflow's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from packflow.plugin.doctor.distributions import Metadata, read_environment
from packflow.plugin.doctor.metadata import judge_copies, judge_files, judge_groups, judge_own, judge_problems
from packflow.plugin.doctor.report import Finding
from packflow.plugin.index import Index, Problem, scan
from packflow.plugin.kinds import BUILT_IN_NAMES, GROUPS
from packflow.plugin.refs import PluginRef
from tests.support.distributions import BACKEND, add_distribution

BACKENDS = ("packflow.backends", "fast = acme:Fast")


def copy(location: str, version: str = "1.0", *groups: tuple[str, str]) -> Metadata:
    return Metadata("acme", version, location, groups or (BACKENDS,), ())


def test_a_distribution_that_is_there_once_is_no_finding() -> None:
    assert list(judge_copies([copy("/a")], [])) == []


def test_copies_that_differ_are_an_error_with_the_path_of_each() -> None:
    (found,) = judge_copies([copy("/old", "0.1"), copy("/new", "2.0"), copy("/newer", "3.0")], ["/new", "/newer"])
    assert (found.code, found.severity, found.distribution) == ("stale-metadata", "error", "acme")
    assert found.details == ("counts: 0.1 in /old", "does not: 2.0 in /new", "does not: 3.0 in /newer")
    assert found.where == "/old"
    assert "0.1 counts" in found.what


def test_the_one_that_counts_comes_first_wherever_it_is_found() -> None:
    (found,) = judge_copies([copy("/a", "1.0"), copy("/b", "2.0")], ["/a"])
    assert found.details == ("counts: 2.0 in /b", "does not: 1.0 in /a")


def test_copies_differ_by_their_plugins_too() -> None:
    other = copy("/b", "1.0", ("packflow.backends", "fast = acme:Faster"))
    assert [found.code for found in judge_copies([copy("/a"), other], ["/b"])] == ["stale-metadata"]


def test_copies_that_agree_are_as_an_editable_installation_leaves_them() -> None:
    same = copy(
        "/b", "1.0", ("console_scripts", "acme = acme:main"), ("packflow.backends", "\n# one\nfast = acme:Fast\n")
    )
    (found,) = judge_copies([copy("/a"), same], ["/b"])
    assert (found.code, found.severity) == ("doubled-metadata", "note")


@pytest.mark.parametrize(
    ("group", "meant"),
    [
        ("packflow.backend", "packflow.backends"),
        ("packflow.preprocessor", "packflow.preprocessors"),
        ("packflow_normalizers", "packflow.normalizers"),
        ("Packflow.Plugins", "packflow.plugins"),
        ("packflow.hook", None),
    ],
)
def test_a_group_that_is_almost_ours_is_an_error(group: str, meant: str | None) -> None:
    (found,) = judge_groups(copy("/a", "1.0", (group, "fast = acme:Fast"), BACKENDS))
    assert found.code == "unknown-group"
    assert group in found.what
    assert "fast = acme:Fast" in found.what
    assert repr(meant) in found.remedy if meant else all(known in found.remedy for known in GROUPS.values())


@pytest.mark.parametrize("group", [*GROUPS.values(), "console_scripts", "flask.backends", "acme.packflow", "pytest11"])
def test_other_groups_are_nobodys_business(group: str) -> None:
    assert list(judge_groups(copy("/a", "1.0", (group, "fast = acme:Fast")))) == []


@pytest.mark.parametrize("heading", ["\ufeff[packflow.backends]", "[ packflow.backends ]", "[packflow.backends\t]"])
def test_a_heading_that_python_reads_otherwise_is_told(tmp_path: Path, heading: str) -> None:
    add_distribution(tmp_path, "acme", entry_points=f"{heading}\nfast = acme:Fast\n")
    assert scan([str(tmp_path)]).refs == ()
    (read,) = read_environment([str(tmp_path)]).copies["acme"]
    (found,) = judge_groups(read)
    assert found.code == "unknown-group"
    assert "fast = acme:Fast" in found.what
    assert "'packflow.backends'" in found.remedy


def test_distributions_that_were_left_out_are_told() -> None:
    problems = [
        Problem("acme", None, "/site/acme-1.0.dist-info", "broken", "its METADATA cannot be read (X); reinstall it"),
        Problem(
            "~cme", None, "/site/~cme-1.0.dist-info", "broken", "left behind by an interrupted installation; delete"
        ),
        Problem("acme", "2.0", "/other", "conflict", "shadowed; uninstall one"),
    ]
    found = list(judge_problems(problems))
    assert [(each.code, each.where) for each in found] == [
        ("unreadable-metadata", "/site/acme-1.0.dist-info"),
        ("leftover-metadata", "/site/~cme-1.0.dist-info"),
    ]


def own(*versions: str) -> dict[str, tuple[Metadata, ...]]:
    return {"packflow": tuple(Metadata("packflow", version, f"/{version}", (), ()) for version in versions)}


def built_ins() -> Index:
    return Index(
        PluginRef(kind, name, "x:y", "packflow", "1.0") for kind in BUILT_IN_NAMES for name in BUILT_IN_NAMES[kind]
    )


def test_packflows_own_metadata_is_that_of_the_packflow_that_runs() -> None:
    def told(*versions: str, index: Index | None = None) -> list[str]:
        return [found.what for found in judge_own(own(*versions), index or built_ins(), "1.0.0")]

    assert told("1.0.0") == []
    assert told("0.9.0") == ["packflow 1.0.0 runs, and its metadata is that of 0.9.0"]
    assert told() == ["packflow 1.0.0 runs, and its metadata is missing"]
    (lacking,) = told("1.0.0", index=Index(ref for ref in built_ins().refs if ref.name != "records"))
    assert lacking == "packflow's own metadata does not declare its built-ins: preprocessor records"


def test_changed_files_are_listed_up_to_a_number() -> None:
    assert list(judge_files(copy("/a"), [])) == []
    (found,) = judge_files(copy("/a"), [(f"acme/{number}.py", "is missing") for number in range(12)])
    assert (found.code, found.severity) == ("changed-files", "warning")
    assert found.what.startswith("12 files of ")
    assert found.what.endswith(" differ from its RECORD")
    assert found.details[0] == "acme/0.py is missing"
    assert found.details[-1] == "and 2 more"


def read(*folders: Path) -> list[Finding]:
    path = list(map(str, folders))
    environment, index = read_environment(path), scan(path)
    shadowed = [problem.location for problem in index.problems if problem.state == "conflict"]
    found = [each for copies in environment.copies.values() for each in judge_copies(copies, shadowed)]
    found += [each for copies in environment.copies.values() for copy in copies for each in judge_groups(copy)]
    return [*found, *judge_problems(index.problems)]


def test_an_old_egg_info_in_front_is_found_with_every_path(tmp_path: Path) -> None:
    egg = tmp_path / "project" / "acme_fast.egg-info"
    egg.mkdir(parents=True)
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: acme-fast\nVersion: 0.1\n")
    (egg / "entry_points.txt").write_text("[packflow.backends]\nold = acme:Old\n")
    info = add_distribution(tmp_path / "site", "acme-fast", "2.0", {"backend": {"fast": "acme:Fast"}})
    (found,) = read(tmp_path / "project", tmp_path / "site")
    assert found.code == "stale-metadata"
    assert found.details == (f"counts: 0.1 in {egg}", f"does not: 2.0 in {info}")


def test_an_old_egg_info_without_plugins_hides_them_and_is_found(tmp_path: Path) -> None:
    egg = tmp_path / "project" / "acme_fast.egg-info"
    egg.mkdir(parents=True)
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: Acme.Fast\nVersion: 0.1\n")
    add_distribution(tmp_path / "site", "acme-fast", "2.0", {"backend": {"fast": "acme:Fast"}})
    (found,) = read(tmp_path / "project", tmp_path / "site")
    assert (found.code, found.where) == ("stale-metadata", str(egg))


def test_two_versions_in_one_folder_are_found(tmp_path: Path) -> None:
    for version in ("1.9", "1.10"):
        add_distribution(tmp_path, "acme-fast", version, {"backend": {"fast": "acme:Fast"}})
    (found,) = read(tmp_path)
    assert found.details[0].startswith("counts: 1.10 in")
    assert found.details[1].startswith("does not: 1.9 in")


def test_strange_metadata_stops_nothing(tmp_path: Path) -> None:
    add_distribution(tmp_path, "acme-fine", "1.0", {"packflow.backend": {"fast": "acme:Fast"}}, {"acme.py": BACKEND})
    add_distribution(tmp_path, "acme-garbled", "1.0", entry_points=b"\xff\xfe[packflow.backends]")
    add_distribution(tmp_path, "acme-nameless", "1.0", {"backend": {"x": "a:b"}}, metadata="Version: 1.0\n")
    left = add_distribution(tmp_path, "acme-left", "1.0", {"backend": {"y": "a:b"}})
    left.rename(left.with_name(left.name.replace("acme", "~cme")))
    found = read(tmp_path)
    assert sorted(each.code for each in found) == [
        "leftover-metadata",
        "unknown-group",
        "unreadable-metadata",
        "unreadable-metadata",
    ]


def test_only_what_mentions_packflow_is_read_and_the_versions_of_what_it_requires(tmp_path: Path) -> None:
    text = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nRequires-Dist: Zenith>=2\nRequires-Dist: absent\n"
    plugins = {"backend": {"fast": "acme:Fast [gpu, cpu]"}, "console_scripts": {"x": "a:b [other]"}}
    add_distribution(tmp_path, "acme", "1.0", plugins, metadata=text)
    add_distribution(tmp_path, "zenith", "2.5")
    environment = read_environment([str(tmp_path)])
    assert set(environment.copies) == {"packflow", "acme"}
    assert environment.versions == {"zenith": "2.5"}
    (acme,) = environment.copies["acme"]
    assert acme.requires == ("Zenith>=2", "absent")
    assert acme.extras(GROUPS.values()) == {"gpu", "cpu"}
