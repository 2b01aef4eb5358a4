"""Tests of the small helpers."""
