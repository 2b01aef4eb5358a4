"""A folder of made-up distributions, as for plugins."""

from tests.plugin.conftest import site as site
