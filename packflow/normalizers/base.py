"""What a normalizer is: how objects of one type, or of one library, become JSON-native data.

Only the interface belongs here. Which normalizer reads which type is decided in `dispatch`; what is done with
the answer, in `walk`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: Converts many objects of one class at once, or gives None where each has to be looked at.
    Many = Callable[[Sequence[Any]], "list[Any] | Native | None"]
    #: Makes the records of one object, given the key for its rows, or gives None where the rows have to be looked at.
    Records = Callable[[Any, str], "list[dict[str, Any]] | None"]


class Native:
    """Data that is JSON-native already, so that nobody needs to look through it again.

    Example:
        >>> Native([1, 2, 3]).data
        [1, 2, 3]

    A normalizer wraps its answer in this when it *knows* that every leaf is exactly ``str``, ``int``, finite
    ``float``, ``bool`` or ``None``, every key exactly ``str``, and every container a new ``dict`` or
    ``list``. For a large array that saves a look at each value. Where that is not sure, leave it away: the
    answer is then checked.

    Attributes:
        data: the data.
        replaced: the steps to a NaN or an infinity in whose place `data` has ``None``; None if there was
            none. With ``nan="error"`` it is what the error points at.
        dicts: whether there may be a dict in it.
    """

    __slots__ = ("data", "dicts", "replaced")

    def __init__(self, data: Any, replaced: tuple[int | str, ...] | None = None, dicts: bool = True) -> None:
        self.data = data
        self.replaced = replaced
        self.dicts = dicts


class Rows:
    """A batch: an object read along its first axis, one row for each position.

    Example:
        >>> Rows([2, 4], unwrapped=True).values
        [2, 4]

    Attributes:
        values: what is converted to the list of rows: a list, an array, anything that packflow converts to a list.
        unwrapped: whether each row has one element by the object's *shape*, and `values` holds these elements in place
            of the rows. Where an error says which value it means, it then names the row and its element.
    """

    __slots__ = ("unwrapped", "values")

    def __init__(self, values: Any, *, unwrapped: bool = False) -> None:
        self.values = values
        self.unwrapped = unwrapped


class Normalizer(ABC):
    """How objects of one type, or of one library, become JSON-native data.

    Example:
        >>> class MoneyNormalizer(Normalizer):
        ...     def to_native(self, obj):
        ...         return {"amount": obj.amount, "currency": obj.currency}

    It is found by its name in the entry-point group ``packflow.normalizers``: the type's qualified name
    (``"acme.money.Money"``), or the root module of a library (``"acme"``). Subclasses of the type are found
    with it. The class is instantiated once, without arguments; it must be safe to use from many threads.

    `to_native` is all that is required. `rows` and `converter` serve libraries of arrays and frames. `many` and
    `records` save time, and are not inherited: a subclass that wants them says so in its own class.
    """

    @abstractmethod
    def to_native(self, obj: Any) -> Any:
        """Give `obj` in a simpler form.

        Args:
            obj: an object of the type, or of the library, that the normalizer is registered for.

        Returns:
            Plain Python data, or an object of any other type that packflow converts: a tensor may become a
            NumPy array. What comes back is converted in turn, so that its contents need no attention here.
            `Native` marks an answer that needs no second look.

        Raises:
            NormalizationError: the object has no JSON form. Say why and what to do; the path is added by the
                caller.
        """

    def rows(self, obj: Any) -> Rows | Native | None:  # noqa: ARG002 - the argument is for those who override it
        """Give the rows of `obj` where it is a batch; None where it is one object.

        Asked only of the outermost object that a backend gives back. `Native` with a list: the rows as they come out.
        """
        return None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:  # noqa: ARG002 - as above
        """Give the function that converts objects of exactly the class `cls`.

        Asked once for each class, whose answer is remembered: this is the place to choose between the types
        of a library, rather than in `to_native`, which runs for each object.

        Returns:
            A function like `to_native` (the default); None if the class is not this normalizer's, although
            its name matches. The search then goes on as if it were not there.
        """
        return self.to_native

    def many(self, cls: type) -> Callable[[Sequence[Any]], list[Any] | Native | None] | None:  # noqa: ARG002 - as above
        """Give a function that converts many objects of exactly the class `cls` at once, if that saves time.

        Asked once for each class, as `converter` is. The function is given a list, or a tuple, and gives a list with
        what `converter`'s function gives for each object (in `Native` where that needs no second look), or None where
        they have to be converted one by one.
        """
        return None

    def records(self, cls: type) -> Callable[[Any, str], list[dict[str, Any]] | None] | None:  # noqa: ARG002 - as above
        """Give a function that makes the records of an object of exactly the class `cls`, if that saves time.

        Asked once for each class, as `converter` is. The function is given the object and the key for its rows, and
        gives what would come of `rows`: a new dict with that key for each row, in native values. It gives None where
        `rows` is to be asked, as it is where there is a NaN or an infinity.
        """
        return None


def array_rows(array: Any) -> Rows | None:
    """Give the rows of an array or a tensor: anything with ``ndim`` and ``shape`` that can be sliced.

    Example:
        >>> import numpy as np
        >>> array_rows(np.array([[2], [4]])).values
        array([2, 4])

    Returns:
        The rows along the first axis, unwrapped if the shape is ``(n, 1, …)``; None if the array has no axis.
    """
    if not array.ndim:
        return None
    if array.ndim > 1 and array.shape[1] == 1:
        return Rows(array[:, 0], unwrapped=True)
    return Rows(array)
