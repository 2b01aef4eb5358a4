"""The README keeps its word: its examples print what it says, and its two commands can be pasted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


class Block(NamedTuple):
    """A fenced block: what stands behind its fence, its text, and the text between it and the one before."""

    info: str
    text: str
    before: str
    line: int


def blocks(markdown: str) -> list[Block]:
    found, end = [], 0
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL):
        line = markdown.count("\n", 0, match.start()) + 1
        found.append(Block(match[1].strip(), match[2], markdown[end : match.start()], line))
        end = match.end()
    return found


def examples(markdown: str) -> list[tuple[Block, str]]:
    """Give the Python blocks that are to be run, each with the text block that follows it at once."""
    found = blocks(markdown)
    followers = [*found[1:], Block("", "", "", 0)]
    return [
        (block, after.text if after.info == "text" and not after.before.strip() else "")
        for block, after in zip(found, followers, strict=True)
        if block.info == "python"
    ]


def command(markdown: str, heading: str) -> str:
    """Give the one line of the one shell block under a heading."""
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", markdown, re.MULTILINE | re.DOTALL)
    assert section, f"the README has no heading '## {heading}'"
    (block,) = blocks(section[1])
    assert block.info == "sh"
    (line,) = block.text.splitlines()
    return line


@pytest.mark.parametrize(
    ("block", "expected"), [pytest.param(*example, id=f"line {example[0].line}") for example in examples(README)]
)
def test_an_example_prints_what_the_readme_says(block, expected, tmp_path):
    script = tmp_path / "example.py"
    script.write_text(block.text, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(script)], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )

    assert (done.returncode, done.stdout) == (0, expected), done.stderr


def test_the_readme_has_examples_whose_output_it_shows():
    assert sum(1 for _, expected in examples(README) if expected) >= 3


def test_an_example_that_prints_other_than_shown_would_be_noticed():
    markdown = "```python\nprint(1)\n```\n\n```text\n2\n```\n\n```python no-run\nprint(3)\n```\n"

    ((block, expected),) = examples(markdown)

    assert (block.text, expected) == ("print(1)\n", "2\n")


def test_text_further_down_is_not_taken_for_output():
    ((_, expected),) = examples("```python\npass\n```\n\nSomething else:\n\n```text\nnot output\n```\n")

    assert expected == ""


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_a_command_is_one_line_that_brings_its_own_environment(heading):
    line = command(README, heading)

    assert line.startswith("python3 -m venv ")
    assert " && " in line


def test_the_two_commands_use_an_environment_each():
    folders = [command(README, heading).split()[3] for heading in ("Run it", "Test it")]

    assert len(set(folders)) == 2


@pytest.mark.skipif(not (ROOT / "noxfile.py").exists(), reason="only a checkout has .ci/, a source archive has not")
def test_ci_runs_the_readme_s_test_command():
    (extraction,) = [
        line for line in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines() if line.startswith("command=")
    ]

    shown = subprocess.run(
        ["bash", "-c", f'{extraction}\nprintf "%s\\n" "$command"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )

    assert shown.stdout.splitlines() == [command(README, "Test it")]
