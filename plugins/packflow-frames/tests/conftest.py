"""What the tests share: how Hypothesis looks for examples."""

from __future__ import annotations

from hypothesis import settings

settings.load_profile("ci")  # its own: the same examples in every run, and no clock decides
