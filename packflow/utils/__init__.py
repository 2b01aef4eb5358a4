"""Helpers that backends use: `normalize` makes outputs JSON-native, `log` has packflow's logger."""
