"""Near names, for error messages: what somebody who mistyped a name may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Give the known name closest to a mistyped one, or None where none is close.

    Example:
        >>> nearest("feature_name", ["verbose", "feature_names"])
        'feature_names'

    Args:
        name: what was written.
        known: the names that exist.
        cutoff: how alike the two must be, from 0 to 1, by difflib's measure.
    """
    from difflib import get_close_matches  # only mistakes pay for it

    by_fold = {candidate.casefold(): candidate for candidate in sorted(known)}
    close = get_close_matches(name.casefold(), by_fold, n=1, cutoff=cutoff)
    return by_fold[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give a question that goes behind a sentence, or an empty text where no known name is close.

    Example:
        >>> did_you_mean("feature_name", ["verbose", "feature_names"])
        " Did you mean 'feature_names'?"
    """
    close = nearest(name, known)
    return f" Did you mean {close!r}?" if close else ""
