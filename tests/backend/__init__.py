"""Tests of what a user subclasses: calls, metrics, configuration, validation."""
