from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import PluginLockError
from packflow.plugin.kinds import GROUPS
from packflow.plugin.lockfile import TITLE, from_text, is_lock_file, read_lock, to_text
from packflow.plugin.locks import LockedPlugin, PluginLock

RECORD = "sha256:" + "0" * 64
HEAD = "lock-version = 1\n"
ACME = f'[[distribution]]\nname = "acme"\nversion = "1.0"\nrecord = "{RECORD}"\n'

texts = st.text(min_size=1, max_size=12)
digests = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)


def folded(distribution: str) -> object:
    return LockedPlugin("", "", "", distribution, "").key


def identity(plugin: tuple[str, str, str]) -> object:
    return LockedPlugin(plugin[0], plugin[1], "", "", "").key


named = st.lists(st.tuples(st.sampled_from(list(GROUPS)), texts, texts), min_size=1, max_size=4, unique_by=identity)


@st.composite
def locks(draw):
    """Draw locks as they can be: each distribution has one version and one hash."""
    found = []
    for distribution in draw(st.lists(texts, max_size=3, unique_by=folded)):
        version, record = draw(texts), draw(digests)
        found += [LockedPlugin(*plugin, distribution, version, record) for plugin in draw(named)]
    return PluginLock(tuple(found))


@given(locks())
def test_what_is_written_is_read_back(lock):
    assert from_text(to_text(lock)) == lock


@given(locks(), st.randoms())
def test_the_same_plugins_give_the_same_text(lock, random):
    shuffled = random.sample(lock.plugins, len(lock.plugins))
    assert to_text(PluginLock(tuple(shuffled))) == to_text(lock)


def test_a_distribution_stands_there_once_and_a_plugin_on_one_line():
    found = [
        LockedPlugin(kind, name, f"acme:{name.title()}", "acme", "1.0", RECORD)
        for kind in ("backend", "normalizer")
        for name in ("b", "a")
    ]
    lines = to_text(PluginLock(tuple(found))).splitlines()
    assert lines.count("[[distribution]]") == 1
    assert lines[lines.index("[distribution.backend]") :] == [
        "[distribution.backend]",
        'a = "acme:A"',
        'b = "acme:B"',
        "",
        "[distribution.normalizer]",
        'a = "acme:A"',
        'b = "acme:B"',
    ]
    assert lines[0] == TITLE


def test_an_empty_lock_is_one():
    assert from_text(HEAD) == from_text(to_text(PluginLock())) == PluginLock()


WRONG = [
    ("", "it has no 'lock-version'"),
    ("lock-version = ", "it is no TOML: "),
    ("lock-version = 1\nlock-version = 1", "it is no TOML: "),
    ("x = " + "[" * 5000, "it is nested too deeply"),
    ("lock-version = 2", "its lock-version is 2, where 1 is expected; a newer packflow wrote it"),
    ("lock-version = true", "its lock-version is True, where 1 is expected"),
    ("lock-version = '1'", "its lock-version is '1', where 1 is expected"),
    (HEAD + "distributoin = []", "its top level has 'distributoin', which is unknown. Did you mean 'distribution'?"),
    (HEAD + "distribution = 5", "'distribution' is 5, where an array of tables is expected"),
    (HEAD + "distribution = [5]", "[[distribution]] number 1 is 5, where a table is expected"),
    (HEAD + ACME + "[[distribution]]\nname = 'x'", "[[distribution]] number 2 has no 'version'"),
    (HEAD + ACME.replace('"1.0"', "1.0"), "'version' in [[distribution]] number 1 is 1.0, where a text is expected"),
    (HEAD + ACME.replace('"acme"', '""'), "'name' in [[distribution]] number 1 is '', where a text is expected"),
    (HEAD + ACME.replace("sha256:", ""), "where 'sha256:' and 64 digits is expected"),
    (HEAD + ACME + "verison = '1'", "number 1 (acme) has 'verison', which is unknown. Did you mean 'version'?"),
    (HEAD + ACME + "backend = 'x'", "'backend' in [[distribution]] number 1 (acme) is 'x', where a table of names"),
    (HEAD + ACME + "[distribution.backend]\nx = 5", "'x' in 'backend' in [[distribution]] number 1 (acme) is 5"),
    (HEAD + ACME + "[distribution.backend]\na-b = 'x'\nA_b = 'y'", "has one name twice: 'a-b' and 'A_b'"),
    (
        HEAD + ACME + ACME.replace("acme", "Acme"),
        "number 2 (Acme) is the same distribution as [[",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_lock_is_refused_with_its_place(tmp_path, text, said):
    file = tmp_path / "lock.toml"
    file.write_text(text)
    with pytest.raises(PluginLockError) as caught:
        read_lock(str(file), "PACKFLOW_PLUGIN_LOCK")
    message = str(caught.value)
    assert said in message
    assert message.startswith(f"The lock file {file} (PACKFLOW_PLUGIN_LOCK) cannot be used: ")
    assert f"packflow plugins lock -o {file}" in message
    assert "\n" not in message
    assert caught.value.__cause__ is not None


def test_names_that_differ_for_normalizers_are_no_doubles():
    assert len(from_text(HEAD + ACME + "[distribution.normalizer]\n'a.B' = 'x'\n'a.b' = 'x'").plugins) == 2


def test_a_path_that_leads_to_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, said in (("gone", "No such file"), (".", "it is a directory"), ("pipe", "it is no regular file")):
        with pytest.raises(PluginLockError, match=said):
            read_lock(str(tmp_path / path))


def test_other_bytes_and_endless_files_are_refused(tmp_path):
    file = tmp_path / "lock.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(PluginLockError, match="it is no UTF-8 text"):
        read_lock(str(file))
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(PluginLockError, match="it is longer than 4 MiB"):
        read_lock(str(file))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (to_text(PluginLock()), True),
        (f"{TITLE}\n<<<<<<< HEAD\n", True),
        (HEAD, True),
        ("\n", True),
        ("", True),
        ("[project]\nname = 'acme'\n", False),
        ("print('precious')\n", False),
    ],
)
def test_only_lock_files_may_be_overwritten(tmp_path: Path, content, expected):
    (tmp_path / "file").write_text(content)
    assert is_lock_file(tmp_path / "file") is expected


def test_bytes_are_no_lock_file(tmp_path):
    (tmp_path / "file").write_bytes(b"\xff\x00")
    assert not is_lock_file(tmp_path / "file")
