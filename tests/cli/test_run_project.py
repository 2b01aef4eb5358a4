"""``packflow run`` of a project: from its folder, or from its archive, which leaves nothing behind."""

from __future__ import annotations

import json
import platform
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.processes import COMMAND, Packflow, lines
from tests.support.archives import MANIFEST, PROJECT, Item, items_of, manifest_of, tree_of, write_archive, zip_of
from tests.support.processes import hearing_signals

ROWS = lines({"x": 2}, {"x": 4})
RESULTS = b'{"x":4,"said":"twice"}\n{"x":8,"said":"twice"}\n'
#: Plugins that no test environment has.
PLUGINS = {"lock-version": 1, "distribution": [
    {"name": "acme", "version": "1.2", "record": "sha256:" + "0" * 64, "preprocessor": {"tokens": "acme:Tokens"}}
]}  # fmt: skip


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command makes its temporary folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, temporary: Path) -> Path:
    """A working directory with an archive in it."""
    working = tmp_path / "working"
    working.mkdir()
    write_archive(working / "doubler-1.0.zip")
    return working


def unpacked(folder: Path, **manifest: object) -> Path:
    """Write the project as a folder, as if it had been unpacked where its manifest is given."""
    for path, data in PROJECT.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    if manifest:
        (folder / MANIFEST).write_text(json.dumps(manifest_of(PROJECT, **manifest)))
    return folder


class TestArchives:
    def test_it_is_run_as_the_project_that_it_is_and_leaves_nothing(self, packflow, folder, temporary):
        (folder / "data").mkdir()
        (folder / "data" / "in.jsonl").write_bytes(ROWS)
        done = packflow("run", "doubler-1.0.zip", "data/in.jsonl", "-o", "data/out.jsonl", "-q")
        told = done.stderr.decode()
        assert done.returncode == 0, told
        assert (folder / "data" / "out.jsonl").read_bytes() == RESULTS
        assert f"unpacked in {temporary}" in told
        assert "closed, with its words: True" in told
        assert tree_of(temporary) == {}
        assert tree_of(folder).keys() == {"data", "data/in.jsonl", "data/out.jsonl", "doubler-1.0.zip"}

    def test_from_standard_input_to_standard_output(self, packflow):
        done = packflow("run", "doubler-1.0.zip", stdin=ROWS)
        assert done.stdout == RESULTS, done.stderr.decode()

    def test_settings_of_the_command_line_lie_over_those_of_the_project(self, packflow, folder):
        (folder / "config.json").write_text('{"configs": {"factor": 5}}')
        (folder / "mine.txt").write_text("mine")
        done = packflow("run", "doubler-1.0.zip", "--config", "config.json", stdin=ROWS)
        assert json.loads(done.stdout.splitlines()[0]) == {"x": 10, "said": "twice"}
        settings = ("--set", "factor=7", "--set", "words=mine.txt")  # a path that is relative to where the command is
        done = packflow("run", "doubler-1.0.zip", "--config", "config.json", *settings, stdin=ROWS)
        assert json.loads(done.stdout.splitlines()[0]) == {"x": 14, "said": "mine"}

    def test_a_setting_of_the_command_line_that_is_wrong_is_blamed_on_it(self, packflow, folder):
        (folder / "config.json").write_text('{"configs": {"word": "x"}}')
        done = packflow("run", "doubler-1.0.zip", "--config", "config.json", "--set", "factor=7", stdin=ROWS)
        assert done.stderr.decode().startswith("Error: In config.json, which --config names: The configuration of ")
        done = packflow("run", "doubler-1.0.zip", "--set", "facter=7", stdin=ROWS)
        assert done.stderr.decode().startswith("Error: In --set: The configuration of Doubler is not valid:")
        assert "'facter' is not a setting" in done.stderr.decode()

    def test_the_operators_environment_goes_before_the_projects(self, packflow, folder):
        shows = PROJECT["inference.py"].replace(b"self.config.words.read_text()", b'os.environ["DOUBLER_TOKEN"]')
        write_archive(folder / "a.zip", {**PROJECT, "inference.py": shows})
        ours, theirs = packflow("run", "a.zip", stdin=ROWS), packflow(
            "run", "a.zip", stdin=ROWS, env={"DOUBLER_TOKEN": "mine"}
        )  # fmt: skip
        assert json.loads(ours.stdout.splitlines()[0])["said"] == "not-to-be-seen"
        assert json.loads(theirs.stdout.splitlines()[0])["said"] == "mine"

    def test_nothing_of_one_that_is_wrong_is_run(self, packflow, folder, temporary):
        items = items_of({**PROJECT, "a.py": b"right"})
        items[2] = Item(b"a.py", b"wrong")
        (folder / "a.zip").write_bytes(zip_of(items))
        told = packflow.refusal("a.zip", "-o", "out.jsonl", stdin=ROWS)
        assert told.startswith("Error: The archive a.zip cannot be used: 'a.py' is not what its manifest says")
        assert "unpacked in" not in told
        assert tree_of(temporary) == {}
        assert not (folder / "out.jsonl").exists()

    def test_other_plugins_than_the_samples_had_are_an_error_but_on_purpose(self, packflow, folder, temporary):
        write_archive(folder / "a.zip", manifest=manifest_of(PROJECT, plugins=PLUGINS))
        told = packflow.refusal("a.zip", stdin=ROWS)
        assert "- the preprocessor plugin 'tokens' of acme 1.2 is locked, but not installed\n" in told
        assert "--any-versions" in told
        done = packflow("run", "a.zip", "--any-versions", stdin=ROWS)
        assert done.stdout == RESULTS
        assert "'tokens' of acme 1.2 is locked, but not installed" in done.stderr.decode()

    def test_other_versions_than_the_samples_had_are_a_warning(self, packflow, folder):
        ran_with = {"python": platform.python_version(), "distributions": {"numpy": "0.1"}}
        write_archive(folder / "a.zip", manifest=manifest_of(PROJECT, ran_with=ran_with))
        done = packflow("run", "a.zip", stdin=ROWS)
        assert done.stdout == RESULTS
        assert "The samples of a.zip ran with other versions than those here: numpy 0.1 (here " in done.stderr.decode()

    def test_errors_name_the_archive_and_not_its_temporary_folder(self, packflow, folder, temporary):
        wrong = PROJECT["packflow.yaml"].replace(b"factor: 2", b"factor: two")
        write_archive(folder / "a.zip", {**PROJECT, "packflow.yaml": wrong})
        told = packflow.refusal("a.zip", stdin=ROWS)
        assert "a.zip/packflow.yaml, line 8: backend_config.factor" in told
        assert str(temporary) not in told
        write_archive(folder / "a.zip", {**PROJECT, "packflow.yaml": b"name: a\nversion: 1\nloader: none\n"})
        assert packflow.refusal("a.zip", stdin=ROWS).startswith("Error: a.zip/packflow.yaml, line 3: loader")

    def test_a_list_that_is_written_as_text_is_told_as_for_any_backend(self, packflow):
        told = packflow.refusal("doubler-1.0.zip", "--set", "feature_names=x", stdin=ROWS)
        assert 'Lists and objects are written as JSON: --set \'feature_names=["a", "b"]\'.' in told

    def test_a_backend_that_would_end_the_program_is_an_error(self, packflow, folder, temporary):
        ends = PROJECT["inference.py"].replace(b"print(", b"raise SystemExit(0)  # print(")
        write_archive(folder / "a.zip", {**PROJECT, "inference.py": ends})
        assert "SystemExit" in packflow.refusal("a.zip", stdin=ROWS)
        assert tree_of(temporary) == {}

    @pytest.mark.parametrize(("option", "value"), [("--max-size", "100"), ("--max-files", "3")])
    def test_limits_can_be_set(self, packflow, option, value):
        assert option in packflow.refusal("doubler-1.0.zip", option, value, stdin=ROWS)

    def test_one_that_is_not_there_is_told(self, packflow):
        assert (
            packflow.refusal("other.zip") == "Error: The archive other.zip cannot be read: No such file or directory.\n"
        )

    @pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
    def test_a_signal_closes_the_backend_and_removes_the_folder(self, folder, temporary, number):
        with subprocess.Popen(
            [*COMMAND, "run", "doubler-1.0.zip", "-o", "out.jsonl"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **hearing_signals(),
        ) as process:
            assert process.stdin
            process.stdin.write(lines(*[{"x": 1}] * 1000))  # a whole batch: its result is on the way to the file
            process.stdin.flush()
            while not [path for path in folder.iterdir() if "out.jsonl" in path.name and path.stat().st_size]:
                assert process.poll() is None
            assert tree_of(temporary)
            process.send_signal(getattr(signal, number))
            _, told = process.communicate(timeout=60)
        assert process.returncode == 128 + getattr(signal, number)
        assert "closed, with its words: True" in told.decode()
        assert tree_of(temporary) == {}
        assert [path.name for path in folder.iterdir()] == ["doubler-1.0.zip"]


class TestFolders:
    @pytest.mark.parametrize("target", ["doubler", "./doubler", "doubler/", "doubler/packflow.yaml"])
    def test_a_folder_with_a_packflow_yaml_is_a_project(self, packflow: Packflow, folder, target):
        unpacked(folder / "doubler")
        done = packflow("run", target, stdin=ROWS)
        assert done.stdout == RESULTS, done.stderr.decode()

    def test_so_is_the_current_one(self, packflow, folder):
        unpacked(folder)
        assert packflow("run", ".", stdin=ROWS).stdout == RESULTS

    def test_in_one_that_was_unpacked_plugins_have_to_be_the_same_too(self, packflow, folder):
        unpacked(folder / "doubler", plugins=PLUGINS)
        assert "'tokens' of acme 1.2 is locked" in packflow.refusal("doubler", stdin=ROWS)
        assert packflow("run", "doubler", "--any-versions", stdin=ROWS).stdout == RESULTS

    @pytest.mark.parametrize("target", ["./empty", "empty/", "."])
    def test_a_path_without_a_packflow_yaml_is_told(self, packflow, folder, target):
        (folder / "empty").mkdir()
        told = packflow.refusal(target)
        assert "packflow.yaml: there is no such file" in told
        assert "`packflow create`" in told

    def test_a_path_that_is_not_there_is_told(self, packflow, folder):
        assert packflow.refusal("./nothing") == f"Error: {folder / 'nothing'}: there is no such folder.\n"

    def test_a_folder_without_one_does_not_hide_a_backend_called_like_it(self, packflow, folder):
        metadata = folder / "acme-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[packflow.backends]\necho = echoing:Echo\nother = echoing:Echo\n")
        (folder / "echoing.py").write_text(
            "from packflow import InferenceBackend\n"
            "class Echo(InferenceBackend):\n    def execute(self, inputs):\n        return inputs\n"
        )
        (folder / "echo").mkdir()
        unpacked(folder / "other")
        env = {"PYTHONPATH": str(folder)}
        assert packflow("run", "echo", stdin=b'{"x":1}\n', env=env).stdout == b'{"x":1}\n'
        assert packflow("run", "other", stdin=ROWS, env=env).stdout == RESULTS  # the project goes first
        assert packflow("run", "acme/other", stdin=b'{"x":1}\n', env=env).stdout == b'{"x":1}\n'

    def test_a_folder_that_is_no_project_is_named_where_no_backend_is_called_like_it(self, packflow, folder):
        (folder / "empty").mkdir()
        told = packflow.refusal("empty")
        assert "No backend plugin is called 'empty'" in told
        assert "The folder 'empty' is no project: it has no packflow.yaml." in told


@pytest.mark.parametrize("option", [["--any-versions"], ["--max-size", "1GB"], ["--max-files", "7"]], ids=" ".join)
def test_what_is_for_archives_is_refused_for_a_backend(packflow, folder, option):
    done = packflow("run", "builtins:object", *option, stdin=b"")
    assert done.returncode == 2
    assert "are for archives and projects, and 'builtins:object' is neither" in " ".join(done.stderr.decode().split())
