"""How exceptions and values are put into words, whatever their classes do when they are asked."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from typing import Any

from packflow.exceptions import PackflowError


def text_of(error: BaseException) -> str:
    """Give an exception's text, also where its own ``__str__`` fails: that must not hide what went wrong.

    Example:
        >>> text_of(ValueError("the weights are gone"))
        'the weights are gone'
    """
    try:
        return str(error)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as failure:  # noqa: BLE001  # any code of the user's may be behind __str__; it may even exit
        return f"<no text: {type(error).__name__}.__str__ raised {type(failure).__name__}>"


def placed(error: BaseException, place: str) -> str:
    """Put an error and its place into words; the original message comes first, as people search for it.

    Example:
        >>> placed(ValueError("no such weights"), "in step 'execute'")
        "no such weights (ValueError in step 'execute')"
        >>> placed(KeyError("miles"), "at row 1")
        "KeyError: 'miles' (at row 1)"
    """
    text = text_of(error)
    if isinstance(error, PackflowError):
        return f"{text} [{place}]"
    if isinstance(error, KeyError):  # its message is the bare key
        return f"{type(error).__name__}: {text} ({place})"
    return f"{text} ({type(error).__name__} {place})".lstrip()


def shown(value: Any, show: Callable[[Any], str] = repr) -> str:
    """Give a value's repr, also where it fails: an integer may have too many digits, a user's class any code behind it.

    Example:
        >>> shown(1), shown(10**5000)
        ('1', '<int that cannot be shown: ValueError>')
    """
    try:
        return show(value)
    except Exception as failure:  # noqa: BLE001  # any code of the user's may be behind __repr__
        return f"<{type(value).__name__} that cannot be shown: {type(failure).__name__}>"


def short(value: Any, limit: int = 100) -> str:
    """Give a value's repr, cut to a length that suits a message; long texts and lists are not written out first.

    Example:
        >>> short("a" * 1000, limit=20)
        "'aaaaaaa...aaaaaaaa'"
    """
    writer = reprlib.Repr()
    writer.maxstring = writer.maxother = writer.maxlong = limit
    return cut(shown(value, writer.repr), limit)


def cut(text: str, limit: int = 500) -> str:
    """Give a text that suits a message: other people's exceptions may quote whole values.

    Example:
        >>> cut("a" * 1000, limit=8)
        'aaaaa...'
    """
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
