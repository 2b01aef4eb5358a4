"""What secrets look like inside of files: keys, tokens of well-known services, values under telling names. Pure.

A line that says ``pragma: allowlist secret`` is passed over: its author has looked at it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ALLOWED: Final = b"pragma: allowlist secret"

KEY: Final = "it holds a private key"
CREDENTIALS: Final = "it holds credentials"
DUMP: Final = "it is a dump of a program's memory"
EARLIER_ARCHIVE: Final = "it is an archive that packflow export has made"

#: How a zip file begins whose first entry is a manifest.
_ARCHIVE = re.compile(rb"PK\x03\x04.{26}packflow-manifest\.json", re.DOTALL)
_PEM = rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
#: In DER: a version, and then what a key, or a bundle of keys, goes on with.
_DER_KEY = re.compile(
    rb"\x30(?:\x82..|\x81.|.)\x02\x01[\x00\x01\x03](?:\x30[\x05-\x20]\x06|\x30\x82|\x02\x82|\x02\x81|\x04\x20)",
    re.DOTALL,
)
_WHOLE: Final = (
    (EARLIER_ARCHIVE, _ARCHIVE),
    (KEY, re.compile(rb"\s*(?:#[^\n]*\s+)*AGE-SECRET-KEY-1|\s*PuTTY-User-Key-File-")),
    (KEY, re.compile(rb"\xfe\xed\xfe\xed|\xce\xce\xce\xce|\x03\xd9\xa2\x9a")),  # Java's key stores, KeePass
    (KEY, re.compile(rb"(?s)\s*(?:(?:-----BEGIN |Bag Attributes).*)?" + _PEM)),
    (KEY, _DER_KEY),
    (DUMP, re.compile(rb"(?s)\x7fELF.{12}(?:\x04\x00|\x00\x04)|MDMP|JAVA PROFILE 1\.")),
    (CREDENTIALS, re.compile(rb"\s*# (?:Netscape )?HTTP Cookie File")),
)
#: Each of them has to be there.
_CREDENTIALS: Final = tuple(
    tuple(map(re.compile, patterns))
    for patterns in (
        (rb'"type"\s*:\s*"(service_account|authorized_user|external_account)"', rb'"(private_key|refresh_token)"'),
        (rb'"auths"\s*:\s*\{', rb'"(auth|identitytoken)"\s*:'),
        (rb'"(installed|web)"\s*:\s*\{', rb'"client_secret"\s*:'),
        (rb"(?m)^kind:[ \t]*Config\s*$", rb"(?m)^[ \t-]*(client-key-data|token|password):\s*\S"),
        (rb"(?m)^kind:[ \t]*Secret\s*$", rb"(?m)^(data|stringData):"),
        (rb"(?m)^[\w.@-]{1,64}:\$(?:apr1|[1256y]|2[abxy]?|gy|7)\$[^:\s]{8}",),
        (rb'"kty"\s*:', rb'"[dk]"\s*:\s*"[\w-]{20,}"'),
        (rb'"ciphertext"\s*:', rb'"kdf(params)?"\s*:'),
        (rb"<RSAKeyValue>", rb"<D>"),
        (rb"(?m)^[ \t]*\[[^\]\n]+\]", rb"(?mi)^[ \t]*aws_secret_access_key[ \t]*=[ \t]*\S"),
        (rb"(?m)^[ \t]*(machine\s+\S+|default)\s", rb"(?m)\blogin\s+\S", rb"(?m)\bpassword\s+\S"),
    )
)


class _Token(NamedTuple):
    what: str
    #: Bytes without which the pattern cannot match; far quicker to look for.
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    #: Whether it is looked for in what is no text, too; what begins with few letters costs too much in large models.
    anywhere: bool = True


def _token(what: str, literals: str, pattern: bytes, *, anywhere: bool = True) -> _Token:
    return _Token(what, tuple(literals.encode().split()), re.compile(pattern), anywhere)


_TOKENS: Final = (
    _token("a private key", "-----BEGIN", _PEM),
    _token("a private key", "AGE-SECRET-KEY-1", rb"AGE-SECRET-KEY-1[A-Z0-9]{20}"),
    _token("an AWS access key", "AKIA ASIA", rb"(?<![A-Za-z0-9/+])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9/+])"),
    _token("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rb"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,}"),
    _token("a GitHub token", "github_pat_", rb"github_pat_[A-Za-z0-9_]{22,}"),
    _token("a GitLab token", "glpat-", rb"glpat-[A-Za-z0-9_-]{20,}"),
    _token("a Slack token", "xox", rb"(?<![A-Za-z0-9])xox[abposr]-[A-Za-z0-9-]{10,}", anywhere=False),
    _token("a Slack webhook", "hooks.slack.com", rb"hooks\.slack\.com/services/T\w+/B\w+/\w{12,}"),
    _token("a Google API key", "AIza", rb"(?<![A-Za-z0-9/+])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9/+_-])"),
    _token("a Google OAuth secret", "GOCSPX-", rb"GOCSPX-[A-Za-z0-9_-]{20,}"),
    _token("a Hugging Face token", "hf_", rb"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}", anywhere=False),
    _token("an API key", "sk-", rb"(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{0,150}[A-Za-z0-9]{20,}", anywhere=False),
    _token("a Stripe key", "k_live_", rb"(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16,}"),
    _token("a PyPI token", "pypi-AgE", rb"pypi-AgE[A-Za-z0-9_-]{40,}"),
    _token("an npm token", "npm_", rb"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    _token("an npm token", ":_authToken", rb":_authToken\s*=\s*[^\s$]{8,}"),
    _token("a SendGrid key", "SG.", rb"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", anywhere=False),
    _token("an Azure storage key", "AccountKey=", rb"AccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    _token("a Databricks token", "dapi", rb"(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?![0-9a-f])", anywhere=False),
    _token("a DigitalOcean token", "dop_v1_", rb"dop_v1_[0-9a-f]{64}"),
    _token("a HashiCorp Vault token", "hvs.", rb"(?<![A-Za-z0-9])hvs\.[A-Za-z0-9_-]{24,}"),
    _token("a Telegram token", ":AA", rb"(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])", anywhere=False),
    _token("a Discord webhook", "/api/webhooks/", rb"/api/webhooks/[0-9]{15,22}/[\w-]{50,}"),
    _token("a signed address", "sig=", rb"[?&]sig=[A-Za-z0-9%+/]{40,}", anywhere=False),
    _token("a one-time password's secret", "otpauth://", rb"otpauth://[^\s\"']{0,200}secret=[A-Z2-7]{16,}"),
    _token("a signed token (JWT)", "eyJ", rb"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}", anywhere=False),
)
_URL = re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/?#:@\"'`<>]{0,100}:([^\s/?#@\"'`<>]{3,200})@")

_TELLING = (
    rb"[A-Za-z0-9_.-]{0,60}?(?:password|passwd|passphrase|secret|(?:secret|api|access|account|private)[_-]?key"
    rb"|(?:auth|access|refresh|api|bot)[_-]?token|client[_-]?secret)"
)
_QUOTED = re.compile(
    rb"(?i)(?<![A-Za-z0-9_.-])(?:" + _TELLING + rb"|pass|pwd)\\?[\"']?\s{0,9}(?:=>|:=|[=:])\s{0,9}[rbuf]?"
    rb"\\?(?P<quote>[\"'])(?P<value>[^\s\"'\\]{6,200})\\?(?P=quote)"  # in a notebook, quotes have a backslash
)
_BARE = re.compile(
    rb"(?im)^[ \t]*(?:(?:export|set|env|-)[ \t]+)?(?:" + _TELLING + rb"|pass|pwd)[ \t]*[=:][ \t]*"
    rb"(?P<value>[^\s\"'#(){}\[\]<>,;]{6,200})[ \t]*(?:#.*)?\r?$"
)
#: What stands in files of any kind.
_ANYWHERE: Final = (
    _QUOTED,
    re.compile(  # in notebooks' and servers' settings; those of tokenizers have words there
        rb"(?i)(?<![A-Za-z0-9_])token\\?[\"']?\s{0,9}[=:]\s{0,9}\\?(?P<quote>[\"'])"
        rb"(?P<value>(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,200})\\?(?P=quote)"
    ),
    re.compile(rb"(?i)\b(?:bearer|basic)\s+(?P<value>(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{20,})"),
    re.compile(  # what databases are connected with
        rb"(?i)\b(?:server|host|data source|user id|uid|user|username)\s?=[^;\"'\n]{1,100};[^\"'\n]{0,200}?"
        rb"\b(?:password|pwd)\s?=\s?(?P<value>[^;\"'\s]{6,200})"
    ),
    re.compile(rb"(?i)\b(?:identified\s+by|password)\s+'(?P<value>[^'\s]{6,200})'"),  # SQL
    re.compile(rb"(?i)<[\w.-]{0,60}?(?:password|passphrase|secret|api[_-]?key)>\s*(?P<value>[^<>\s]{6,200})\s*</"),
    re.compile(
        rb"(?i)(?:key|name)=\"[^\"\n]{0,60}?(?:password|secret|api[_-]?key)\"\s+value=\"(?P<value>[^\"\s]{6,200})\""
    ),
    re.compile(rb"\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,64}:(?P<value>[^\s\"']{6,200})"),
    re.compile(rb"(?im)^[ \t]*env[ \t]+" + _TELLING + rb"[ \t]+(?P<value>[^\s\"'=]{6,200})[ \t]*\r?$"),  # Dockerfiles
)
#: Where values are written without quotes.
_BARE_SUFFIXES: Final = (
    *(".ini", ".cfg", ".conf", ".config", ".properties", ".yaml", ".yml"),
    *(".txt", ".sh", ".bat", ".ps1", ".md", ".rst", ".log", ".out"),
)

_PLACEHOLDER = re.compile(
    rb"(?i)[$%{}<>]|\*{3}|\.{3}|x{4}|example|change[-_ ]?(?:me|it)|your|placeholder|dummy|redacted|replace|todo"
    rb"|password|passwd|passphrase|secret|none$|null$|undefined$|test$|not[-_]?set"
)
_WORDS = re.compile(rb"[a-z]+(?:[._-][a-z]+)*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|[A-Z]?[a-z]+|[0-9.]+")


def whole_file_reason(head: bytes) -> str | None:
    """Say why a file is nothing but a secret, or an archive made earlier; None if it is not.

    Example:
        >>> whole_file_reason(b"-----BEGIN OPENSSH PRIVATE KEY-----")
        'it holds a private key'
        >>> whole_file_reason(b"import numpy")

    Args:
        head: how the file begins, some kilobytes of it or more.
    """
    for reason, pattern in _WHOLE:
        if pattern.match(head):
            return reason
    head = head[: 1 << 16]
    for patterns in _CREDENTIALS:
        if all(pattern.search(head) for pattern in patterns):
            return CREDENTIALS
    return None


def tokens_in(data: bytes, *, is_text: bool) -> list[tuple[int, str]]:
    """Find keys and tokens that are known by their form.

    Returns:
        Where each begins, in bytes, and what it is.
    """
    found = [
        (match.start(), token.what)
        for token in _TOKENS
        if (is_text or token.anywhere) and any(literal in data for literal in token.literals)
        for match in token.pattern.finditer(data)
    ]
    if is_text and b"://" in data:
        found += [
            (match.start(), "a password in an address") for match in _URL.finditer(data) if _is_password(match[1])
        ]
    return [one for one in found if not (is_text and _is_allowed(data, one[0]))]


def assignments_in(data: bytes, name: str) -> list[tuple[int, str]]:
    """Find values under names that say that they are secrets.

    Args:
        data: a text.
        name: the file's name; in some kinds of files, values have no quotes.

    Returns:
        Where each begins, in bytes, and what it is.
    """
    bare = name.lower().endswith(_BARE_SUFFIXES) or "." not in name.strip(".")
    return [
        (match.start("value"), "what looks like a password or key")
        for pattern in ((*_ANYWHERE, _BARE) if bare else _ANYWHERE)
        for match in pattern.finditer(data)
        if looks_real(match["value"]) and not _is_allowed(data, match.start("value"))
    ]


def looks_real(value: bytes) -> bool:
    """Tell whether a value is a secret rather than a word that stands for one.

    Example:
        >>> looks_real(b"hunter2hunter2"), looks_real(b"${PASSWORD}"), looks_real(b"changeme"), looks_real(b"API_KEY")
        (True, False, False, False)
    """
    return len(value) >= 6 and not _PLACEHOLDER.search(value) and not _WORDS.fullmatch(value)


def _is_password(value: bytes) -> bool:
    return not _PLACEHOLDER.search(value) and value.lower() not in (b"pass", b"pwd", b"pw", b"token", b"user")


def _is_allowed(data: bytes, place: int) -> bool:
    """Tell whether the line says that it holds no secret."""
    end = data.find(b"\n", place)
    return ALLOWED in data[data.rfind(b"\n", 0, place) + 1 : end if end >= 0 else len(data)]
