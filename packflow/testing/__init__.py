"""What an author tests a plugin with: conformance suites, strategies for records, and a pytest fixture.

Subclass the suite of the plugin's kind in a test module, and pytest runs every rule that packflow has for it:

.. code-block:: python

    from packflow.testing import BackendSuite


    class TestThermostat(BackendSuite):
        plugin = "thermostat"
        config = {"target": 20}
        records = [{"celsius": 18.5}, {"celsius": 21.0}]
        expected = [{"heating": True}, {"heating": False}]

What a plugin does not promise is declared away, and shown as skipped: ``batch_invariant = False``. One fault makes one
check fail; the checks that build on what is broken are skipped, and say which one they wait for.

:mod:`packflow.testing.strategies` makes records for Hypothesis. The fixture ``packflow_plugins`` gives a test an
environment of its own, in which nothing is installed but packflow. The suites need pytest, the strategies Hypothesis:
``pip install "packflow[testing]"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.testing.environment import PluginEnvironment
    from packflow.testing.suites.backend import BackendSuite
    from packflow.testing.suites.base import Check, checks
    from packflow.testing.suites.hooks import HooksSuite
    from packflow.testing.suites.normalizer import NormalizerSuite
    from packflow.testing.suites.preprocessor import PreprocessorSuite

__all__ = [
    "BackendSuite",
    "Check",
    "HooksSuite",
    "NormalizerSuite",
    "PluginEnvironment",
    "PreprocessorSuite",
    "checks",
]

# pytest's entry point leads into this package, so that nothing may be imported here.
__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "BackendSuite": "packflow.testing.suites.backend",
        "Check": "packflow.testing.suites.base",
        "HooksSuite": "packflow.testing.suites.hooks",
        "NormalizerSuite": "packflow.testing.suites.normalizer",
        "PluginEnvironment": "packflow.testing.environment",
        "PreprocessorSuite": "packflow.testing.suites.preprocessor",
        "checks": "packflow.testing.suites.base",
    },
)
