"""packflow's logger: loguru's own, behind the level that ``PACKFLOW_LOG_LEVEL`` asks for.

Messages go to whatever handlers the host has set on ``loguru.logger``; packflow adds, removes and changes none of
them. What ``PACKFLOW_LOG_LEVEL`` holds back is decided here, before loguru sees it, so the variable governs packflow
(and ``self.logger`` in every backend) without touching the rest of the program.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import loguru

if TYPE_CHECKING:
    from loguru import Logger

LEVEL_VARIABLE = "PACKFLOW_LOG_LEVEL"
#: Loguru's own levels, and the names by which other libraries know two of them.
LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")
_OTHER_NAMES = {"WARN": "WARNING", "FATAL": "CRITICAL"}

INFO = 20

_threshold: int | None = None
_default_level: str | int = 0


def set_default_level(level: str | int) -> None:
    """Set the level that holds where ``PACKFLOW_LOG_LEVEL`` is not set. For programs, such as the command line."""
    global _default_level, _threshold
    _default_level, _threshold = level, None


def threshold() -> int:
    """Give the number of the lowest level that is let through; it is worked out at the first message."""
    global _threshold
    known = _threshold
    if known is None:
        default = _default_level
        wanted = os.environ.get(LEVEL_VARIABLE, "").strip()
        found = level_number(wanted) if wanted else None
        known = found if found is not None else level_number(default) or 0
        first, _threshold = _threshold is None, known
        if default is not _default_level:  # another thread has set one meanwhile, which this may have overwritten
            _threshold = None
            return threshold()
        if wanted and found is None and first:
            left = f"the level is {default}" if known else "every message is let through"
            loguru.logger.warning(
                f"{LEVEL_VARIABLE}={wanted!r:.100} is neither a level's name ({', '.join(LEVELS)}) nor a number; "
                f"it is ignored, and {left}."
            )
    return known


def hears(number: int) -> bool:
    """Tell whether a message of a level may reach a handler; if not, nobody needs to make it."""
    return threshold() <= number and getattr(_core, "min_level", 0) <= number


#: Where loguru keeps the lowest level of all handlers, for which it cannot be asked. Should it keep that elsewhere one
#: day, it is still loguru that decides, only later.
_core = getattr(loguru.logger, "_core", None)


def level_number(level: str | int) -> int | None:
    """Give the number of a level named or numbered as loguru does, or None where there is no such level."""
    if isinstance(level, int):
        return level
    if level.isdecimal() and len(level) < 10:  # Python itself refuses to read thousands of digits
        return int(level)
    capitals = level.upper()
    for name in (level, capitals, _OTHER_NAMES.get(capitals, capitals)):
        try:
            return loguru.logger.level(name).no
        except ValueError:
            continue
    return None


class LevelledLogger:
    """Loguru's logger with a lower bound; whatever is not a logging method is loguru's own."""

    __slots__ = ("_inner", "_loguru")

    def __init__(self, inner: Logger) -> None:
        self._loguru = inner
        self._inner = inner.opt(depth=1)  # the line that is shown is the caller's, not this module's

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loguru, name)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (_shared, ())

    def trace(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at TRACE."""
        if threshold() <= 5:
            self._inner.trace(message, *args, **kwargs)

    def debug(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at DEBUG."""
        if threshold() <= 10:
            self._inner.debug(message, *args, **kwargs)

    def info(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at INFO."""
        if threshold() <= 20:
            self._inner.info(message, *args, **kwargs)

    def success(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at SUCCESS."""
        if threshold() <= 25:
            self._inner.success(message, *args, **kwargs)

    def warning(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at WARNING."""
        if threshold() <= 30:
            self._inner.warning(message, *args, **kwargs)

    def error(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at ERROR."""
        if threshold() <= 40:
            self._inner.error(message, *args, **kwargs)

    def critical(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at CRITICAL."""
        if threshold() <= 50:
            self._inner.critical(message, *args, **kwargs)

    def exception(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at ERROR, with the exception that is being handled."""
        if threshold() <= 40:
            self._loguru.opt(depth=1, exception=True).error(message, *args, **kwargs)

    def log(self, level: str | int, message: str, *args: Any, **kwargs: Any) -> None:
        """Log at the level given by name or number."""
        number = level_number(level)
        if number is None or threshold() <= number:  # an unknown level is loguru's to refuse
            self._inner.log(level, message, *args, **kwargs)

    def opt(self, *, depth: int = 0, **options: Any) -> LevelledLogger:
        """Give a logger with loguru's options, behind the same bound."""
        derived = LevelledLogger(self._loguru)
        derived._loguru = self._loguru.opt(depth=depth, **options)
        derived._inner = self._loguru.opt(depth=depth + 1, **options)
        return derived

    def bind(self, **extra: Any) -> LevelledLogger:
        """Give a logger with extra attributes, behind the same bound."""
        return LevelledLogger(self._loguru.bind(**extra))

    def patch(self, patcher: Any) -> LevelledLogger:
        """Give a logger that patches each record, behind the same bound."""
        return LevelledLogger(self._loguru.patch(patcher))


#: The logger of packflow and of every backend (``self.logger``).
logger = cast("Logger", LevelledLogger(loguru.logger))


def _shared() -> Logger:
    return logger
