"""A sound hooks plugin, and one broken in each way that the suite for them looks for."""

from __future__ import annotations

import sys

from packflow import plugin
from packflow.plugin import hookimpl
from packflow.testing import HooksSuite
from tests.testing.mutants import Mutants, impure


class Listening:
    """Listens to everything and counts."""

    def __init__(self):
        self.heard = 0

    @hookimpl
    def packflow_backend_initialized(self, backend):
        self.heard += 1

    @hookimpl
    def packflow_call_finished(self, backend, metrics):
        self.heard += metrics.batch_size

    @hookimpl
    def packflow_call_failed(self, backend, step, error):
        self.heard += 1


class TestSound(HooksSuite):
    plugin = Listening()


class TestSoundByName(HooksSuite):
    plugin = "pure-hooks"


mutants = Mutants()


def breaking(check):
    return lambda broken: mutants.breaking(check, plugin=broken())(broken)


mutants.add("test_it_loads", "NotInstalled", plugin="no-such-hooks")
plugin.register("hooks", "registered-hooks", Listening())
mutants.add("test_it_is_declared_in_metadata", "OnlyRegistered", plugin="registered-hooks")


@breaking("test_it_loads")
class FromTheFuture(Listening):
    plugin_api_version = 99


@breaking("test_registration")
class Misspelling(Listening):
    @hookimpl
    def packflow_call_finishes(self, backend):
        pass


@breaking("test_registration")
class RegisteringNonsense(Listening):
    @hookimpl
    def packflow_register_backends(self, registry):
        registry.register("nonsense", 3)


@breaking("test_hooks_do_not_raise")
class RaisingAtFirst(Listening):
    @hookimpl
    def packflow_backend_initialized(self, backend):
        raise ConnectionError("no server")


@breaking("test_hooks_do_not_raise")
class RaisingAfterACall(Listening):
    @hookimpl
    def packflow_call_finished(self, backend, metrics):
        raise ConnectionError("no server")


@breaking("test_hooks_do_not_raise")
class RaisingAfterAFailure(Listening):
    @hookimpl
    def packflow_call_failed(self, backend, step, error):
        raise ConnectionError("no server")


@breaking("test_hooks_print_nothing")
class Printing(Listening):
    @hookimpl
    def packflow_call_finished(self, backend, metrics):
        print(metrics)


@breaking("test_hooks_print_nothing")
class Complaining(Listening):
    @hookimpl
    def packflow_call_failed(self, backend, step, error):
        sys.stderr.write("failed")


@breaking("test_results_are_the_same")
class Meddling(Listening):
    @hookimpl
    def packflow_backend_initialized(self, backend):
        backend.transform_outputs = lambda rows: [{**row, "seen": True} for row in rows]


for impurity, check in impure.CHECKS.items():
    mutants.add(check, f"Impure{impurity.title()}", plugin=f"impure-{impurity}-hooks")

mutants.into(globals(), HooksSuite)
