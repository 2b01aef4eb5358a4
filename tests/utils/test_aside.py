"""Files that take their name only when they are whole; what the runner's sinks make of it is tested there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from packflow.utils.aside import folder_aside, mode_of, written_aside


def test_the_name_is_taken_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"

    with written_aside(target) as partial:
        partial.write_text("new")
        assert not target.exists()
        assert partial.parent == tmp_path

    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_what_was_there_stays_if_the_block_fails(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "a.zip"
    target.write_text("old")

    with pytest.raises(failure), written_aside(target) as partial:  # noqa: PT012  # the block is what fails
        partial.write_text("new")
        raise failure

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_permissions_are_kept_and_links_too(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_text("old")
    target.chmod(0o604)
    link = tmp_path / "link"
    link.symlink_to("a.zip")

    with written_aside(link) as partial:
        partial.write_text("new")

    assert link.is_symlink()
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("new", 0o604)
    assert mode_of(tmp_path / "gone") is None


@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
def test_a_folder_is_gone_when_the_block_ends(tmp_path: Path, failure: type[BaseException] | None) -> None:
    with suppress(ValueError, KeyboardInterrupt), folder_aside(tmp_path, prefix=".new-") as folder:
        assert folder.name.startswith(".new-")
        assert [*tmp_path.iterdir()] == [folder]
        (folder / "deep").mkdir()
        (folder / "deep" / "file").touch()
        if failure:
            raise failure

    assert list(tmp_path.iterdir()) == []
