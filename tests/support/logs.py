"""What was logged, in a form that tests can compare: no times, no line numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from loguru import logger


class Line(NamedTuple):
    """One logged message."""

    level: str
    where: str
    text: str


class Captured(list[Line]):
    """The messages that reached loguru's handlers, in order."""

    def texts(self, level: str | None = None) -> list[str]:
        return [line.text for line in self if level in (None, line.level)]

    def everything(self) -> str:
        return "\n".join(self.texts())


@contextmanager
def captured_logs() -> Iterator[Captured]:
    """Collect what the host's own handler sees while the block runs; the handler is taken away afterwards."""
    lines = Captured()

    def sink(message: Any) -> None:
        record = message.record
        lines.append(Line(record["level"].name, f"{record['name']}:{record['function']}", record["message"]))

    handler = logger.add(sink, level=0, format="{message}")
    try:
        yield lines
    finally:
        logger.remove(handler)
