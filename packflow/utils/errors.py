"""What an exception says, whatever its class does when it is asked."""

from __future__ import annotations


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
