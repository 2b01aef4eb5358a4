"""What pytest gets from packflow by itself: the fixture ``packflow_plugins``.

This module is imported in every run of pytest wherever packflow is installed. It imports nothing of packflow until a
test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from packflow.testing.environment import PluginEnvironment


@pytest.fixture
def packflow_plugins() -> Iterator[PluginEnvironment]:
    """An environment for one test in which packflow finds its built-ins, and what the test registers or installs."""
    from packflow.testing.environment import PluginEnvironment

    with PluginEnvironment.entered() as environment:
        yield environment
