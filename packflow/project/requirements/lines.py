"""One line of a ``requirements.txt``, taken apart as pip does. Texts in, records out; nothing is looked up."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple

from packflow.utils.parsing import one_at_a_time
from packflow.utils.secrets import mask_passwords

#: Options of a whole file that say where pip searches and what it prefers; they require nothing.
_PASSED_OVER: Final = frozenset(
    {"-i", "--index-url", "--extra-index-url", "--no-index", "-f", "--find-links", "--pre", "--trusted-host"}
    | {"--no-binary", "--only-binary", "--prefer-binary", "--require-hashes", "--use-feature"}
)
_COMMENT = re.compile(r"(^|\s+)#.*$")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ARCHIVE = re.compile(r"\.(whl|zip|tar|tar\.gz|tgz|tar\.bz2|tar\.xz)$", re.IGNORECASE)
_EXTRAS = re.compile(r"^(?P<path>.+?)\[(?P<extras>[^\[\]]*)\]$")
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[(?P<extras>[^\]]*)\])?")


class Requirement(NamedTuple):
    """A distribution that has to be installed.

    Example:
        >>> requirement = parse_requirement('numpy[dev]>=2; python_version >= "3.10"', "requirements.txt", 3)
        >>> requirement.name, requirement.specifier, requirement.extras, requirement.where
        ('numpy', '>=2', ('dev',), 'requirements.txt:3')
    """

    #: As it is written, without comment, hashes and passwords.
    text: str
    #: The file, as the project names it.
    file: str
    #: Its line, the first being 1; None where the file has no lines of requirements.
    line: int | None
    #: The distribution's name; None for an address or a folder that does not tell it.
    name: str | None
    #: The versions that will do, as in ``>=2,<3``; an empty text for any.
    specifier: str = ""
    extras: tuple[str, ...] = ()
    #: When it is required, as in ``python_version < "3.12"``; an empty text for always.
    marker: str = ""
    #: The address or the path that it comes from; an empty text where it comes from an index.
    source: str = ""
    #: Whether it is to be installed so that changes of its source count at once.
    editable: bool = False
    #: Whether it only says which version, in case that something else requires the distribution.
    constraint: bool = False

    @property
    def where(self) -> str:
        """The file and the line."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Include(NamedTuple):
    """Another file that a line names."""

    path: str
    constraints: bool


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Give what a file says, line by line: continued lines in one, comments and blank lines left out.

    Example:
        >>> list(logical_lines("# models\nnumpy>=2 \\\n  --hash=sha256:0\n\ntorch  # large"))
        [(2, 'numpy>=2   --hash=sha256:0'), (5, 'torch')]
    """
    begun: int | None = None
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        comment = _COMMENT.match(line)
        begun = number if begun is None else begun
        if line.endswith("\\") and not comment:
            parts.append(line[:-1])
            continue
        parts.append(f" {line}" if comment else line)
        joined = _COMMENT.sub("", "".join(parts)).strip()
        if joined:
            yield begun, joined
        begun, parts = None, []
    rest = _COMMENT.sub("", "".join(parts)).strip()
    if rest and begun is not None:
        yield begun, rest


def parse_line(line: str, file: str, number: int, *, constraint: bool = False) -> Requirement | Include | None:
    """Say what a line asks for; None if it is an option that requires nothing.

    Example:
        >>> parse_line("-r base.txt", "requirements.txt", 1)
        Include(path='base.txt', constraints=False)
        >>> parse_line("--index-url https://example.org/simple", "requirements.txt", 2) is None
        True

    Raises:
        ValueError: pip would not understand it; the text is a clause that says why.
    """
    if not line.startswith("-"):
        return parse_requirement(_without_options(line), file, number, constraint=constraint)
    option, value = _option(line)
    if option in ("-r", "--requirement", "-c", "--constraint"):
        if not value:
            raise ValueError(f"{option} names no file")
        return Include(value, constraint or option in ("-c", "--constraint"))
    if option in ("-e", "--editable"):
        if not value:
            raise ValueError(f"{option} names neither a folder nor an address")
        return _from_elsewhere(_without_options(value), file, number)._replace(editable=True)
    if option in _PASSED_OVER:
        return None
    from packflow.utils.nearest import did_you_mean

    known = [*_PASSED_OVER, "--requirement", "--constraint", "--editable"]
    raise ValueError(f"{option!r} is no option of a requirements file.{did_you_mean(option, known)}".rstrip("."))


def _option(line: str) -> tuple[str, str]:
    """Split ``--option value``, ``--option=value``, ``-o value`` and ``-ovalue``."""
    if line.startswith("--"):
        option, _, value = re.sub(r"[=\s]", " ", line, count=1).partition(" ")
    else:
        option, value = line[:2], line[2:].lstrip("= ") if line[2:3] in ("=", " ") else line[2:]
    value = value.strip()
    try:
        words = shlex.split(value)
    except ValueError:
        return option, value
    return option, words[0] if len(words) == 1 else value


def _without_options(line: str) -> str:
    """Take off what is said of one requirement only to pip, such as its hashes."""
    words = line.split(" ")
    kept = next((position for position, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:kept]).strip()


def parse_requirement(text: str, file: str, number: int | None, *, constraint: bool = False) -> Requirement:
    """Take a requirement apart.

    Raises:
        ValueError: it is none; the text is a clause that says why.
    """
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        with one_at_a_time:
            parsed = Parsed(text)
    except InvalidRequirement as error:
        if _is_elsewhere(text):
            return _from_elsewhere(text, file, number)
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{mask_passwords(text)!r} is no requirement: {reason}") from error
    return Requirement(
        mask_passwords(text),
        file,
        number,
        parsed.name,
        str(parsed.specifier),
        tuple(sorted(parsed.extras)),
        str(parsed.marker or ""),
        mask_passwords(parsed.url or ""),
        constraint=constraint,
    )


def _is_elsewhere(text: str) -> bool:
    """Whether a text is an address or a path, rather than a name."""
    place = _EXTRAS.sub(r"\g<path>", text.partition(";")[0].strip())
    is_path = re.search(r"[/\\]", place) is not None and not re.search(r"\s", place)
    return bool(_URL.match(place) or _ARCHIVE.search(place)) or place.startswith((".", "/", "~")) or is_path


def _from_elsewhere(text: str, file: str, number: int | None) -> Requirement:
    place, _, marker = (part.strip() for part in text.partition("; " if _URL.match(text) else ";"))
    extras: tuple[str, ...] = ()
    name, version = None, ""
    egg, bracketed = _EGG.search(place), _EXTRAS.match(place)
    if egg:
        name, extras = egg["name"], _split(egg["extras"])
    elif bracketed:
        place, extras = bracketed["path"], _split(bracketed["extras"])
    if name is None:
        name, version = _named_by_file(place)
    source = mask_passwords(place)
    specifier = f"=={version}" if version else ""
    return Requirement(mask_passwords(text), file, number, name, specifier, extras, marker, source)


def _split(extras: str | None) -> tuple[str, ...]:
    return tuple(sorted(extra.strip() for extra in (extras or "").split(",") if extra.strip()))


def _named_by_file(place: str) -> tuple[str | None, str]:
    """Give the name and version in the name of an archive; nothing where it has none."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    file = re.split(r"[/\\]", re.split(r"[#?]", place)[0])[-1]
    try:
        name, version = parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None, ""
    return str(name), str(version)
