"""What an exception says, whatever its class does when it is asked."""

from __future__ import annotations

from packflow.exceptions import PackflowError


def text_of(error: BaseException) -> str:
    """Give an exception's text, also where its own ``__str__`` fails: that must not hide what went wrong.

    Example:
        >>> text_of(ValueError("the weights are gone"))
        'the weights are gone'
    """
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001  # any code of the user's may be behind __str__
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
