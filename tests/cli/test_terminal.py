"""What must not reach a terminal, and what ends a program."""

from __future__ import annotations

import doctest
import signal
import threading

import pytest

from packflow.cli import backends
from packflow.cli.terminal import Ended, ending_in_order, printable
from tests.cli.processes import Packflow


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 日本 🙂", "plain é 日本 🙂"),
        ("two\nlines", "two\nlines"),
        ("\x1b[31mred\x07\r\x9b", "\\x1b[31mred\\x07\\r\\x9b"),
        ("\u202eback", "\\u202eback"),
        ("\ud800", "\\ud800"),
    ],
    ids=ascii,
)
def test_what_a_terminal_would_obey_is_spelt_out(text, shown):
    assert printable(text) == shown


def test_names_cannot_command_a_terminal(packflow: Packflow, folder):
    metadata = folder / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\x1b[2J\n")
    (metadata / "entry_points.txt").write_text("[packflow.backends]\nevil\x1b[31m = nowhere:Echo\n")
    for arguments in (["plugins", "list"], ["plugins", "list", "--json"], ["run", "evil\x1b[31m"], ["run", "evi\x1b"]):
        done = packflow(*arguments, stdin=b"", env={"PYTHONPATH": str(folder)})
        assert b"evi" in done.stdout + done.stderr
        assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs SIGHUP")
def test_signals_end_the_block_and_mean_afterwards_what_they_meant_before():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Ended) as caught, ending_in_order():
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.signal is signal.SIGTERM
    assert isinstance(caught.value, KeyboardInterrupt)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs SIGHUP")
def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_in_order():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_only_the_main_thread_gets_signals():
    reached = []

    def run() -> None:
        with ending_in_order():
            reached.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert reached == [True]


def test_docstrings():
    found = doctest.testmod(backends)
    assert found.attempted > 0
    assert found.failed == 0
