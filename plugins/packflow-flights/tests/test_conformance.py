"""The backend and the preprocessor keep to packflow's rules: those of its own testing kit."""

from __future__ import annotations

import numpy as np
import pytest

from packflow.testing import BackendSuite, PreprocessorSuite

# scikit-learn and what it needs change the filters of warnings and the environment when they are imported.
LIBRARIES = {"joblib", "scipy", "sklearn", "skops"}


@pytest.fixture
def three_flights(flight):
    """Flights that differ: one that is late, one that has not left, one from elsewhere."""
    return [flight(dep_delay=90), flight(dep_delay=None, flight=1546), flight(origin="LGA", carrier="DL", distance=760)]


class TestBackend(BackendSuite):
    plugin = "flights"
    heavy_imports_allowed = LIBRARIES

    @pytest.fixture
    def records(self, three_flights):
        return three_flights


class TestPreprocessor(PreprocessorSuite):
    plugin = "flights"
    heavy_imports_allowed = LIBRARIES
    honours = {"rename_fields", "flatten_nested_inputs"}

    @pytest.fixture
    def records(self, three_flights):
        return three_flights

    def rows(self, table):
        columns = (table.flights, table.dates, table.origins, table.destinations, np.asarray(table.matrix).tolist())
        return list(zip(*columns, strict=True))
