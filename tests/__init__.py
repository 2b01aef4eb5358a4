"""The tests: they mirror ``packflow/``; what several of them use is in ``tests.support``."""
