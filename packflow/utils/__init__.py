"""Helpers: `normalize` makes outputs JSON-native; `log` has packflow's logger; the rest is packflow's own."""
