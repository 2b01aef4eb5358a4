"""Which names a new distribution and its package can have. Pure: what is installed does not matter here."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata

from packflow.exceptions import ScaffoldError

_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SEPARATORS = re.compile(r"[-_.]+")

#: Packages that would hide another one, and whose.
_IN_USE = {"packflow": "packflow itself", "tests": "the folder of the tests"}


def check_distribution(name: str) -> None:
    """Refuse what cannot be the name of a distribution.

    Example:
        >>> check_distribution("Acme.Fast_Net-2")
        >>> check_distribution("my plugin")
        Traceback (most recent call last):
        ...
        packflow.exceptions.ScaffoldError: 'my plugin' cannot be the name of a distribution: it has letters (A to Z), \
digits, '-', '_' and '.' only, and begins and ends with a letter or a digit. Take 'my-plugin', for example.

    Raises:
        ScaffoldError: it cannot.
    """
    if _DISTRIBUTION.fullmatch(name):
        return
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    suggestion = re.sub(r"[^A-Za-z0-9._]+", "-", plain).strip("-._")
    raise ScaffoldError(
        f"{name!r} cannot be the name of a distribution: it has letters (A to Z), digits, '-', '_' and '.' only, and "
        "begins and ends with a letter or a digit."
        + (f" Take {suggestion!r}, for example." if suggestion else "")
        + (" Where the folder is made is said with --directory." if "/" in name or "\\" in name else "")
    )


def package_of(distribution: str) -> str:
    """Give the package that a distribution's name suggests.

    Example:
        >>> package_of("Acme.Fast-Net2")
        'acme_fast_net2'
    """
    return _SEPARATORS.sub("_", distribution).lower()


def check_package(package: str, given: str) -> None:
    """Refuse what cannot be the name of a package, or would hide another module.

    Example:
        >>> check_package("acme_fast", "--package acme_fast")
        >>> check_package("json", "the name 'json'")
        Traceback (most recent call last):
        ...
        packflow.exceptions.ScaffoldError: The package would be called 'json', from the name 'json', but that is a \
module of Python's standard library. Choose another name, or another package with --package.

    Args:
        package: the name.
        given: where it comes from, for the error.

    Raises:
        ScaffoldError: it cannot.
    """
    if not _PACKAGE.fullmatch(package):
        problem = "that is no name for a module: it has letters (A to Z), digits and '_' only, and begins with a letter"
    elif keyword.iskeyword(package):
        problem = "that is a keyword of Python"
    elif package in sys.stdlib_module_names:
        problem = "that is a module of Python's standard library"
    elif package in _IN_USE:
        problem = f"that is the name of {_IN_USE[package]}"
    else:
        return
    raise ScaffoldError(
        f"The package would be called {package!r}, from {given}, but {problem}. Choose another name, or another "
        "package with --package."
    )


def class_stem(package: str) -> str:
    """Give what the names of a package's classes begin with.

    Example:
        >>> class_stem("acme_fast_net2"), class_stem("acmeFast")
        ('AcmeFastNet2', 'AcmeFast')
    """
    return "".join(word[0].upper() + word[1:] for word in package.split("_") if word)
