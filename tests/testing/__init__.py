"""Tests of the kit that plugin authors test with."""
