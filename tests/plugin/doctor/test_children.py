"""Processes of plugins as the parent sees them: it always gets to know how each ended, and leaves none behind."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest

from packflow.plugin.doctor.children import probe_all
from packflow.plugin.refs import PluginRef
from packflow.utils.processes.watching import Ending
from tests.plugin.conftest import Site
from tests.support.distributions import BACKEND
from tests.support.processes import runs, signal_at_start

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks, and ends with signals")

LONG = 60.0


def ref(name: str) -> PluginRef:
    return PluginRef("backend", name, f"acme_{name}:Fast", f"acme-{name}", "1.0")


def probe(site: Site, sources: dict[str, str], timeout: float = LONG) -> dict[str, Ending]:
    for name, source in sources.items():
        site.add(f"acme-{name}", modules={f"acme_{name}.py": source})
    plugins = [ref(name) for name in sources]
    return {plugin.name: ending for plugin, ending in probe_all(plugins, timeout=timeout, jobs=4)}


def test_each_gets_an_answer_whatever_the_others_do(site: Site) -> None:
    """One batch, as processes cost: each of these plugins is awkward in its own way."""
    endings = probe(
        site,
        {
            "argv": "import sys\nassert sys.argv[1:] == []\n" + BACKEND,
            "aborts": "import os\nos.abort()",
            "floods": "import os\nfor _ in range(3000): os.write(1, b'x' * 1000 + b'\\n')\n" + BACKEND,
            "reads": "assert input == input and not __import__('sys').stdin.read()\n" + BACKEND,
            "patches": "import json, os\njson.dumps = os.write = os.replace = os._exit = None\n" + BACKEND,
            "streams": "import sys\nsys.stdout = sys.stderr = None\n" + BACKEND,
            "moves": "import os, sys\nos.chdir('/')\nsys.path.clear()\nsys.modules.clear()\n",
            "group": "import os, signal\nos.killpg(0, signal.SIGTERM)\n",
            "forked": "import os\nos.fork()\n" + BACKEND,
            "copy": "import os\nif not (copy := os.fork()): raise OSError\nos.waitpid(copy, 0)\nos._exit(5)",
            "bytes": "import os\nos.write(2, bytes(range(256)))\n" + BACKEND,
            "name": "raise ModuleNotFoundError('x', name=object())",
            "text": "class Bad(Exception):\n    def __str__(self): raise SystemExit\nraise Bad",
        },
    )
    assert endings["aborts"].status == -6
    assert "acme_aborts.py" in endings["aborts"].trace
    assert endings["group"].status == -15
    assert (endings["copy"].status, endings["copy"].answer) == (5, None)
    assert len(endings["floods"].stdout) > 1000
    for name in ("argv", "floods", "reads", "patches", "streams", "forked", "bytes"):
        answer = endings[name].answer
        assert answer is not None, (name, endings[name])
        assert answer["failure"] is None, (name, answer)
    for name in ("name", "text"):
        answer = endings[name].answer
        assert answer is not None, (name, endings[name])
        assert answer["failure"]["code"] == "import-failed"
    assert all(ending.begun and not ending.timed_out for ending in endings.values())


def test_the_process_is_as_this_one(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACME_SETTING", "given")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / 'it\'s "here"')])
    site.add("acme", modules={"acme_expected.py": f"path = {sys.path!r}\nwarned = {sys.warnoptions!r}"})
    source = f"""
    import os, sys, acme_expected
    assert sys.path == acme_expected.path, sys.path
    assert sys.warnoptions == acme_expected.warned, sys.warnoptions
    assert os.getcwd() == {str(tmp_path)!r}
    assert os.environ["ACME_SETTING"] == "given"
    assert sys.executable == {sys.executable!r}
    """
    answer = probe(site, {"same": source})["same"].answer
    assert answer is not None
    assert answer["failure"]["code"] == "attribute-missing", answer  # it ran to its end, and has no object


def test_a_hang_is_ended_by_whoever_comes_first(site: Site) -> None:
    endings = probe(
        site,
        {
            "sleeps": "import time\ntime.sleep(600)",
            # It stops itself, so that it cannot say where it is, and the parent has to end it.
            "stops": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        },
        timeout=3.0,
    )
    assert all(ending.timed_out and ending.begun and ending.answer is None for ending in endings.values())
    assert "acme_sleeps.py" in endings["sleeps"].trace
    assert endings["stops"].status is None


def test_closing_the_iterator_ends_what_runs(site: Site) -> None:
    source = "import os, pathlib, time\npathlib.Path(__file__).with_suffix('.pid').write_text(str(os.getpid()))\n"
    site.add("acme-waits", modules={"acme_waits.py": source + "time.sleep(600)", "acme_ends.py": ENDS})
    with closing(probe_all([ref("waits"), ref("ends")], timeout=LONG, jobs=2)) as endings:
        plugin, _ = next(endings)
        process = int((site.folder / "acme_waits.pid").read_text())
        assert plugin.name == "ends"
        assert runs(process)
    assert not runs(process)


def test_a_signal_that_comes_while_a_process_is_started_ends_it_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with signal_at_start(monkeypatch):
        probe(site, {"waits": "import time\ntime.sleep(600)"})
    assert signal.getsignal(signal.SIGTERM) is before


#: Ends once the other one has begun.
ENDS = """
import pathlib, time
other = pathlib.Path(__file__).with_name("acme_waits.pid")
while not (other.exists() and other.read_text()):
    time.sleep(0.01)
"""


def test_plugins_that_are_added_meanwhile_have_their_turn(site: Site) -> None:
    site.add("acme", modules={"acme_first.py": BACKEND, "acme_second.py": BACKEND})
    plugins = [ref("first")]
    seen = []
    for plugin, ending in probe_all(plugins, timeout=LONG, jobs=1):
        seen.append((plugin.name, ending.status))
        if plugin.name == "first":
            plugins.append(ref("second"))
    assert seen == [("first", 0), ("second", 0)]


def test_an_interpreter_that_cannot_be_started_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(site.folder / "no-python"))
    assert "no-python" in probe(site, {"any": BACKEND})["any"].not_started


def test_packflow_that_cannot_be_imported_is_told(site: Site) -> None:
    site.add("acme", modules={"loguru/__init__.py": "raise ImportError('garbled')"})
    ending = probe(site, {"any": BACKEND})["any"]
    assert not ending.begun
    assert ending.answer is not None
    assert ending.answer["failure"]["code"] == "core-import"


def test_what_is_printed_before_the_plugin_begins_is_not_its(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.add("acme", modules={"sitecustomize.py": "print('starting')"})
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    assert probe(site, {"any": "print('mine')\n" + BACKEND})["any"].stdout == "mine\n"
