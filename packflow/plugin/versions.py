"""Which of two versions of a distribution is the newer. Needed only where one folder holds both."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"""
    v?(?:(?P<epoch>\d+)!)?
    (?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<phase>alpha|a|beta|b|preview|pre|rc|c)[-_.]?(?P<phase_number>\d*))?
    (?:(?P<post>[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*)|-(?P<post_bare>\d+)))?
    (?:(?P<dev>[-_.]?dev)[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
    """,
    re.VERBOSE,
)
_PHASES = {"alpha": 0, "a": 0, "beta": 1, "b": 1, "preview": 2, "pre": 2, "rc": 2, "c": 2}
_BEFORE_PHASES, _FINAL = -1, 3
_ENDLESS = float("inf")
#: Python may be told to refuse longer integers; nobody's version has so many digits.
_MOST_CHARACTERS = 640

VersionKey = tuple[object, ...]


def version_key(text: str) -> VersionKey:
    """Give a key that sorts version numbers from old to new, in the order that Python packaging defines.

    Example:
        >>> sorted(["1.10", "1.9", "1.10rc1", "nonsense"], key=version_key)
        ['nonsense', '1.9', '1.10rc1', '1.10']

    What is no version number, or an endless one, sorts before everything that is one.
    """
    match = _VERSION.fullmatch(text.strip().lower()) if len(text) <= _MOST_CHARACTERS else None
    if match is None:
        return (0, text)
    parts = match.groupdict()
    is_dev, is_post = parts["dev"] is not None, parts["post"] is not None
    if parts["phase"]:
        phase = (_PHASES[parts["phase"]], int(parts["phase_number"] or 0))
    elif is_dev and not is_post:
        phase = (_BEFORE_PHASES, 0)  # 1.0.dev1 comes before 1.0a1
    else:
        phase = (_FINAL, 0)
    return (
        1,
        int(parts["epoch"] or 0),
        _without_trailing_zeros(parts["release"]),
        phase,
        int(parts["post_number"] or parts["post_bare"] or 0) if is_post else -1,
        int(parts["dev_number"] or 0) if is_dev else _ENDLESS,
        _local_key(parts["local"]),
    )


def _without_trailing_zeros(release: str) -> tuple[int, ...]:
    numbers = [int(number) for number in release.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _local_key(local: str | None) -> tuple[tuple[int, int, str], ...]:
    if local is None:
        return ()
    parts = re.split(r"[-_.]", local)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)
