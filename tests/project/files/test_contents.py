"""Looking into files: hashes, programs, and secrets, wherever they stand."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.files.contents import BLOCK, Contents, Secret, look_into
from packflow.project.files.secret_patterns import CREDENTIALS, DUMP, EARLIER_ARCHIVE, KEY, looks_real

# Put together here, so that nobody's scanner takes this file for one with secrets.
GITHUB = "ghp" + "_" + "A1b2" * 9
AWS = "AK" + "IA" + "IOSFODNN7EXAMPLE"
PEM = "-----BEGIN {}PRIVATE" + " KEY-----"


def look(text: str | bytes, name: str = "inference.py") -> Contents:
    return look_into(io.BytesIO(text.encode() if isinstance(text, str) else text), name)


class Slow(io.BytesIO):
    """Gives a few bytes at a time, whatever is asked for."""

    def __init__(self, data: bytes, block: int) -> None:
        super().__init__(data)
        self._block = block

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._block)


@given(st.binary(max_size=300), st.integers(1, 64))
def test_hash_and_size_are_those_of_the_bytes(data: bytes, block: int) -> None:
    found = look_into(Slow(data, block), "x")

    assert (found.sha256, found.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize(
    ("head", "is_program"),
    [(b"#!/bin/sh\n", True), (b"\x7fELF\2", True), (b"MZ\x90", True), (b"import os\n#!", False), (b"", False)],
)
def test_programs_are_known_by_how_they_begin(head: bytes, is_program: bool) -> None:
    assert look(head).is_program is is_program


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"key = '{AWS}'", "an AWS access key"),
        (f"TOKEN={GITHUB}", "a GitHub token"),
        ("github_" + "pat_" + "A1" * 20, "a GitHub token"),
        ("gl" + "pat-" + "x1" * 12, "a GitLab token"),
        ("xo" + "xb-123456789012-abcdefghij", "a Slack token"),
        ("https://hooks.slack" + ".com/services/T000/B000/abcdefghijkl", "a Slack webhook"),
        ("AI" + "za" + "a" * 35, "a Google API key"),
        ("h" + "f_" + "aB" * 17, "a Hugging Face token"),
        ("sk" + "-proj-" + "a1" * 24, "an API key"),
        ("sk_" + "live_" + "a1" * 12, "a Stripe key"),
        ("py" + "pi-AgEIcHlwaS5vcmc" + "a" * 40, "a PyPI token"),
        ("//registry.npmjs.org/:_auth" + "Token=abcdefgh-1234", "an npm token"),
        ("AccountKey" + "=" + "a" * 86 + "==", "an Azure storage key"),
        ("ey" + "J" + "a" * 20 + ".ey" + "J" + "b" * 20 + "." + "c" * 20, "a signed token (JWT)"),
        (f'KEY = """{PEM.format("RSA ")}\nMIIE\n"""', "a private key"),
        ("url = 'postgres://me:hunter2x@db/prices'", "a password in an address"),
        ('password = "hunter2-hunter2"', "what looks like a password or key"),
        ("12345678" + ":AA" + "F" + "a1B2" * 8, "a Telegram token"),
        ("https://discord.com/api/web" + "hooks/123456789012345678/" + "a1B2" * 17, "a Discord webhook"),
        ("https://a.blob.example.org/c?sv=2020&" + "sig=" + "a1B2" * 11, "a signed address"),
        ("otp" + "auth://totp/a?secret=JBSWY3DPEHPK3PXP", "a one-time password's secret"),
        ("c.NotebookApp.token = '" + "a1B2" * 6 + "'", "what looks like a password or key"),
        ('{"name": "Authorization", "value": "Bearer ' + "a1B2" * 6 + '"}', "what looks like a password or key"),
        ('DB = "Server=db;User ID=me;Password=hunter2-x1;"', "what looks like a password or key"),
        ("CREATE USER me IDENTIFIED BY 'hunter2-x1';", "what looks like a password or key"),
        ("<server><password>hunter2-x1</password></server>", "what looks like a password or key"),
        ('<add key="ClearTextPassword" value="hunter2-x1" />', "what looks like a password or key"),
        ("curl -s -u me:hunter2-x1 https://example.org", "what looks like a password or key"),
        ('pwd = "hunter2-x1"', "what looks like a password or key"),
        ('{"source": ["password = \\"hunter2-hunter2\\"\\n"]}', "what looks like a password or key"),
        ("db_password: str = 'x'\nAPI_KEY = 'a1B2c3D4'", "what looks like a password or key"),
    ],
)
def test_secrets_are_found_in_text(text: str, what: str) -> None:
    found = look(f"import os\n{text}\n")

    assert [secret.what for secret in found.secrets] == [what]
    assert found.reason is None


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("settings.ini", "password = hunter2!hunter2"),
        ("config.yaml", "  api_key: a1b2c3d4e5f6"),
        ("run.sh", "export DB_PASSWORD=hunter2hunter2"),
        ("Dockerfile", "ENV SECRET_KEY=a1b2c3d4e5"),
        ("Dockerfile", "ENV SECRET_KEY a1b2c3d4e5"),
        ("profiles.yml", "      pass: hunter2-x1"),
        ("train.log", "password: hunter2-x1"),
        ("app.properties", "client.secret=A1b2C3d4  # mine"),
    ],
)
def test_secrets_without_quotes_are_found_where_none_are_used(name: str, line: str) -> None:
    assert look(f"a = 1\n{line}\n", name).secrets == (Secret(2, "what looks like a password or key"),)


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['PASSWORD']",
        "password = getpass.getpass()",
        'password = "changeme"',
        'password = "${DB_PASSWORD}"',
        'api_key = "<your key here>"',
        'api_key_env = "OPENAI_API_KEY_2"',
        'api_key = "OPENAI_API_KEY"',
        '{"pad_token": "[PAD]", "eos_token": "<|endoftext|>", "unk_token": "[UNK]1"}',
        "max_tokens = 256",
        'token = "<s>"',
        'token = "a-word-that-has-no-digit-in-it"',
        "forward_pass: run-2",
        "curl -u me https://example.org:8080/path1",
        "bearer of the-news-that-came-yesterday",
        "Server=db;User ID=me;Password=${PASSWORD};",
        "<password></password>",
        "https://example.org:8080/a@b",
        "postgres://user:password@localhost/db",
        "postgres://user:${PASSWORD}@localhost/db",
        "git@github.com:acme/prices.git",
        "ski-resort-in-the-mountains-of-switzerland",
        f"key = '{GITHUB}'  # pragma: allowlist secret",
    ],
)
def test_what_only_looks_a_little_like_it_passes(text: str) -> None:
    assert look(text).secrets == look(text, "a.yaml").secrets == ()


@given(st.integers(0, 9000), st.sampled_from(["\n", "x", "x\n"]), st.integers(2500, 10000))
def test_a_secret_is_found_wherever_blocks_end(place: int, filling: str, block: int) -> None:
    text = (filling * place)[:place] + "\n" + GITHUB + "\n"

    found = look_into(Slow(text.encode(), block), "inference.py")

    assert found.secrets == (Secret(text[: place + 1].count("\n") + 1, "a GitHub token"),)


@pytest.mark.parametrize("shift", [-39, -20, 0, 5])
def test_a_secret_across_two_blocks_of_binary_is_found(shift: int) -> None:
    data = b"\0" * (BLOCK + shift) + b" " + GITHUB.encode() + b" " + b"\0" * 100

    assert look(data, "model.bin").secrets == (Secret(None, "a GitHub token"),)


def test_text_in_two_bytes_a_character_is_read() -> None:
    assert look(f"a\r\nTOKEN={GITHUB}\r\n".encode("utf-16")).secrets == (Secret(2, "a GitHub token"),)


def test_not_every_one_of_many_is_told() -> None:
    assert len(look(f"{GITHUB}\n" * 1000).secrets) == 5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PEM.format("OPENSSH "), KEY),
        ("\n" + PEM.format("EC ") + "\nMIIE", KEY),
        ("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n" + PEM.format("") + "\n", KEY),
        ("Bag Attributes\n    friendlyName: x\n" + PEM.format("ENCRYPTED "), KEY),
        ("-----BEGIN PGP PRIVATE" + " KEY BLOCK-----", KEY),
        ("PuTTY-User-Key-File-3: ssh-rsa", KEY),
        ("# created: today\nAGE-SECRET" + "-KEY-1QQQQ", KEY),
        (b"\xfe\xed\xfe\xed\0\0\0\2", KEY),
        (b"\x03\xd9\xa2\x9a\x67", KEY),
        (b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00", KEY),
        (b"\x30\x82\x04\xbd\x02\x01\x00\x30\x0d\x06\x09", KEY),
        ('{"type": "service_account", "private_key": "x"}', CREDENTIALS),
        ('{"auths": {"registry.example.org": {"auth": "bWU6cGFzcw=="}}}', CREDENTIALS),
        ("apiVersion: v1\nkind: Config\nusers:\n- name: me\n  user:\n    token: abc\n", CREDENTIALS),
        ("[default]\naws_access_key_id = x\naws_secret_access_key = y\n", CREDENTIALS),
        ("machine example.org login me password abc\n", CREDENTIALS),
        ("apiVersion: v1\nkind: Secret\ndata:\n  a: YWJj\n", CREDENTIALS),
        ('{"kty": "RSA", "n": "x", "d": "' + "a1B2" * 6 + '"}', CREDENTIALS),
        ('{"crypto": {"ciphertext": "ab", "kdf": "scrypt"}}', CREDENTIALS),
        ("<RSAKeyValue><Modulus>x</Modulus><D>y</D></RSAKeyValue>", CREDENTIALS),
        ("# Netscape HTTP Cookie File\n", CREDENTIALS),
        ("root:*:1::\nme:" + "$6$" + "a1B2c3D4$" + "x" * 80 + ":1::\n", CREDENTIALS),
        (b"\x7fELF\2\1\1" + b"\0" * 9 + b"\4\0\x3e\0", DUMP),
        (b"MDMP\x93\xa7", DUMP),
        (b"PK\3\4" + b"\0" * 26 + b"packflow-manifest.json{", EARLIER_ARCHIVE),
        ("-----BEGIN CERTIFICATE-----\nMIIE\n", None),
        ("-----BEGIN PUBLIC KEY-----\nMIIE\n", None),
        (b"PK\3\4" + b"\0" * 26 + b"weights.npy", None),
        (b"\x7fELF\2\1\1" + b"\0" * 9 + b"\3\0\x3e\0", None),
        ('{"kty": "RSA", "n": "x", "e": "AQAB"}', None),
        ('{"type": "service"}', None),
        (b"", None),
    ],
)
def test_files_that_are_nothing_else_are_known_whatever_they_are_called(data: str | bytes, reason: str | None) -> None:
    assert look(data, "harmless.txt").reason == reason


@pytest.mark.parametrize("value", [b"hunter2hunter2", b"a1B2c3", b"correct horse9"])
def test_real_values(value: bytes) -> None:
    assert looks_real(value)


@pytest.mark.parametrize(
    "value", [b"short", b"changeme", b"******", b"db.password", b"my_name", b"${X_1234}", b"1.2.3.4"]
)
def test_words_that_stand_for_values(value: bytes) -> None:
    assert not looks_real(value)
