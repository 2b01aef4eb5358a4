"""What pytest gets from packflow by itself: the fixture ``packflow_plugins``.

This module is imported in every run of pytest wherever packflow is installed. It imports nothing of packflow until a
test asks for the fixture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from packflow.testing.environment import PluginEnvironment

#: As they were before any test module, and any plugin, was imported.
ENVIRONMENT = dict(os.environ)
FOLDER = os.getcwd()  # noqa: PTH109 - as a text, to compare


@pytest.fixture
def packflow_plugins() -> Iterator[PluginEnvironment]:
    """An environment for one test in which packflow finds its built-ins, and what the test registers or installs."""
    from packflow.testing.environment import PluginEnvironment

    with PluginEnvironment.entered() as environment:
        yield environment
