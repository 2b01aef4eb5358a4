"""Which distributions a project runs with, read off an environment that is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError
from packflow.project.archive.pins import Distribution, Wanted, closure, look_up, origin_of
from tests.support.distributions import add_distribution

THERE = {
    "app": Distribution("app", "1.0", ("lib[fast]>=2", "old; python_version < '3'", "docs; extra == 'docs'")),
    "lib": Distribution("lib", "2.5", ("base", "speed; extra == 'fast'", "slow; extra == 'slow'")),
    "base": Distribution("base", "0.1", ("app",)),  # a circle
    "speed": Distribution("speed", "3.0"),
    "docs": Distribution("docs", "4.0"),
}


def names(*wanted: Wanted) -> list[str]:
    return [each.name for each in closure(wanted, THERE.get)]


def test_all_that_is_required_in_its_turn_is_found() -> None:
    assert names(Wanted("app")) == ["app", "base", "lib", "speed"]
    assert names(Wanted("lib")) == ["app", "base", "lib", "speed"]
    assert names(Wanted("speed")) == ["speed"]
    assert names() == []


def test_what_extras_bring_is_found() -> None:
    assert "docs" in names(Wanted("app", ("docs",)))


def test_one_name_may_be_spelt_in_several_ways() -> None:
    found = closure([Wanted("My.Lib"), Wanted("my-lib")], lambda name: Distribution("my_lib", "1"))

    assert found == [Distribution("my_lib", "1")]


def test_what_is_not_installed_is_told() -> None:
    with pytest.raises(ArchiveError) as caught:
        names(Wanted("lib", ("slow",)))

    assert str(caught.value).startswith("lib 2.5 requires slow, which is not installed")


@pytest.mark.parametrize(
    ("direct_url", "origin"),
    [
        (None, (None, False)),
        ({"url": "file:///src/a", "dir_info": {}}, ("a @ file:///src/a", False)),
        ({"url": "https://x.org/a-1-py3-none-any.whl"}, ("a @ https://x.org/a-1-py3-none-any.whl", True)),
        ({"url": "https://x.org/a-1.tar.gz", "archive_info": {}}, ("a @ https://x.org/a-1.tar.gz", False)),
        (
            {"url": "https://x.org/r", "vcs_info": {"vcs": "git", "commit_id": "1f"}, "subdirectory": "a"},
            ("a @ git+https://x.org/r@1f#subdirectory=a", False),
        ),
    ],
)  # fmt: skip
def test_where_a_distribution_comes_from(direct_url: object, origin: tuple[str | None, bool]) -> None:
    assert origin_of(json.dumps(direct_url) if direct_url else None, "a") == origin


def test_what_is_installed_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = add_distribution(
        tmp_path,
        "acme-fast",
        "1.2",
        metadata="Metadata-Version: 2.1\nName: acme-fast\nVersion: 1.2\nRequires-Dist: numpy\n",
    )
    (tmp_path / "acme_fast-1.2.dist-info/direct_url.json").write_text(
        '{"url": "file:///src", "dir_info": {"editable": true}}'
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert info.exists()
    expected = Distribution("acme-fast", "1.2", ("numpy",), "acme-fast @ file:///src", editable=True)
    assert look_up("Acme_Fast") == expected
    assert look_up("no-such-distribution") is None
