"""Will this flight arrive late? A backend and a preprocessor for packflow, with the models that they need.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("flights").load(verbose=False)  # doctest: +SKIP
    >>> backend({"year": 2013, "month": 12, "day": 24, "sched_dep_time": 1730, "sched_arr_time": 2045,
    ...          "dep_delay": 25, "carrier": "UA", "flight": 1545, "origin": "EWR", "dest": "IAH",
    ...          "distance": 1400})  # doctest: +SKIP
    {'flight': 'UA1545', 'date': '2013-12-24', …, 'late': True, 'late_probability': 0.72, 'arr_delay_predicted': 22.1}
"""

from packflow_flights.backend import FlightsBackend, FlightsConfig
from packflow_flights.preprocessor import FlightsPreprocessor, FlightTable

__all__ = ["FlightTable", "FlightsBackend", "FlightsConfig", "FlightsPreprocessor"]
