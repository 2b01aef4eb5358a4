"""Turning what a model gives back into data that JSON can hold.

A *normalizer* knows how objects of one type, or of one library, become plain Python data. Write one by
subclassing `Normalizer`, and name it in the entry-point group ``packflow.normalizers``:

.. code-block:: toml

    [project.entry-points."packflow.normalizers"]
    "acme.money.Money" = "acme_packflow:MoneyNormalizer"

The name is the qualified name of the type, or a library's root module (``numpy``). A normalizer is imported
when an object of its type is met for the first time, and not before; the library is there by then, or there
would be no object of it.

What is where: `base` has the interface, `dispatch` finds the rule for a type, `plain` has the rules for
Python's own types, `walk` applies them to nested data, `batch` makes records of rows; each library has a
module of its own.
"""

from __future__ import annotations

from packflow.normalizers.base import Native, Normalizer, Rows, array_rows

__all__ = ["Native", "Normalizer", "Rows", "array_rows"]
