"""Where something went wrong is told by a line of the plugin's own, whoever raised it."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from packflow.utils.processes.frames import Frame, blame, causes_of, last_own_frame, read_trace
from tests.plugin.conftest import Site

CRASH = """Fatal Python error: Segmentation fault

Thread 0x00007f1 [worker] (most recent call first):
  File "/lib/threading.py", line 1 in run

Current thread 0x00007f2 [python] (most recent call first):
  File "/lib/ctypes/__init__.py", line 519 in string_at
  File "/site/acme/native.py", line 3 in touch
  File "<frozen importlib._bootstrap>", line 241 in _call
  File "/own/packflow/probe.py", line 90 in main
  File "<string>", line 1 in <module>

Extension modules: acme._native (total: 1)
"""

HANG = """Timeout (0:00:03)!
Thread 0x00007f1 (most recent call first):
  File "/lib/threading.py", line 1 in run

Thread 0x00007f2 (most recent call first):
  File "/site/acme/wait.py", line 9 in wait
  File "/own/packflow/probe.py", line 90 in main
"""


def error_of(site: Site, module: str) -> BaseException:
    try:
        __import__(module)
    except Exception as error:
        return error
    raise AssertionError("it was imported")


def test_the_last_frame_is_the_plugins_own_not_a_librarys(site: Site) -> None:
    source = "import json\n\ndef read():\n    return json.loads('{')\n\nread()\n"
    site.add(
        "acme", modules={"acme_frames/__init__.py": "from acme_frames import reader", "acme_frames/reader.py": source}
    )
    error = error_of(site, "acme_frames")
    assert isinstance(error, json.JSONDecodeError)
    frame = last_own_frame(error, "acme_frames")
    assert frame == Frame(str(site.folder / "acme_frames/reader.py"), 4, "read", "return json.loads('{')")
    assert frame.text().endswith("reader.py:4, in read: return json.loads('{')")
    assert last_own_frame(error, "zenith") is None


def test_a_file_that_is_no_python_is_named(site: Site) -> None:
    site.add("acme", modules={"acme_unread.py": "from acme_other import x", "acme_other.py": "\ndef broken(:\n"})
    frame = last_own_frame(error_of(site, "acme_unread"), "acme_unread")
    assert frame is not None
    assert (Path(frame.file).name, frame.line, frame.source) == ("acme_other.py", 2, "def broken(:")


def test_causes_are_followed_as_python_shows_them() -> None:
    first, second, third = KeyError("a"), ValueError("b"), OSError("c")
    first.__cause__, second.__context__ = second, third
    assert causes_of(first) == ("ValueError: b", "OSError: c")
    second.__suppress_context__ = True
    assert causes_of(first) == ("ValueError: b",)


def test_a_circle_of_causes_ends() -> None:
    first, second = KeyError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert causes_of(first) == ("ValueError: b",)


def test_a_cause_that_the_message_tells_already_is_left_out() -> None:
    outer = RuntimeError("cannot load: no such file")
    outer.__cause__ = OSError("no such file")
    assert causes_of(outer) == ()


def test_a_crash_is_where_the_current_thread_is() -> None:
    frames = read_trace(CRASH)
    assert frames[:2] == [("/lib/ctypes/__init__.py", 519, "string_at"), ("/site/acme/native.py", 3, "touch")]
    assert blame(frames, "acme.native", "/own/") == ("/site/acme/native.py", 3, "touch")
    assert blame(frames, "zenith", "/own/") == ("/lib/ctypes/__init__.py", 519, "string_at")


def test_a_hang_is_where_the_main_thread_is() -> None:
    assert blame(read_trace(HANG), "acme", "/own/") == ("/site/acme/wait.py", 9, "wait")


@given(st.text())
def test_any_trace_can_be_read(text: str) -> None:
    assert blame(read_trace(text), "acme", "/own/") is None or "File" in text


def test_nothing_is_blamed_where_there_is_nothing_but_ours() -> None:
    assert blame([("/own/packflow/probe.py", 1, "main"), ("<string>", 1, "<module>")], "acme", "/own/") is None
