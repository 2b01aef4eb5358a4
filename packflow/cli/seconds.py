"""The type of options that say how long something may take."""

from __future__ import annotations

import math
from typing import Any

import click


class _Seconds(click.FloatRange):
    """A number of seconds, from a tenth of one to a day."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):  # it lies in every range
            self.fail("nan is no number.", param, ctx)
        return seconds


SECONDS = _Seconds(0.1, 86400)
