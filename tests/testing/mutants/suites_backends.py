"""The suites of the sound backend and of the broken ones."""

from __future__ import annotations

from packflow import plugin
from packflow.testing import BackendSuite
from tests.testing.mutants import THREADS
from tests.testing.mutants.backends import Linear, mutants

plugin.register("backend", "registered-linear", Linear)


class LinearSuite(BackendSuite):
    plugin = Linear
    config = {"weight": 3.0}
    records = [
        {"id": "a", "x": 1.0, "at": {"y": 2.0}, "x2": 1},
        {"id": "b", "x": 4.0, "at": {"y": 1.0}, "x2": 2},
        {"id": "c", "x": 2.0, "at": {"y": 7.0}, "x2": 3},
    ]
    thread_count = THREADS


class TestSound(LinearSuite):
    expected = [{"id": "a", "score": 4.0}, {"id": "b", "score": 12.5}, {"id": "c", "score": 9.5}]


class TestSoundByName(LinearSuite):
    plugin = "pure-backend"
    config = {}


mutants.into(globals(), LinearSuite)
