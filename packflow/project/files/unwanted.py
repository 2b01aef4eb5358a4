"""What never belongs in an archive, told by its name: secrets, version control, environments, caches. Pure, a table.

Names are compared without regard to case. Where a name says too little, `contents` looks inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Final

ENVIRONMENT = "it holds settings and secrets of one machine"
KEY = "it may hold a private key"
CREDENTIALS = "it may hold credentials"
HISTORY = "it holds what somebody has typed"
VERSION_CONTROL = "it belongs to version control"
VIRTUAL_ENVIRONMENT = "it is a virtual environment"
CACHE = "it is a cache, or made by a tool"
SYSTEM = "the operating system or an editor has put it there"

#: What lies in a folder of this kind is never looked at.
_FOLDERS: Final = {
    VERSION_CONTROL: ".git .hg .svn .bzr .jj .pijul _darcs cvs",
    VIRTUAL_ENVIRONMENT: ".venv .direnv .pixi __pypackages__",
    CACHE: "__pycache__ .mypy_cache .pytest_cache .ruff_cache .pytype .pyre .tox .nox .hypothesis .eggs *.egg-info"
    " .ipynb_checkpoints .jupyter_cache node_modules htmlcov",
    SYSTEM: "__macosx .idea .spotlight-v100 .trashes",
    CREDENTIALS: ".aws .azure .docker .gcloud .gnupg .kaggle .kube .oci .password-store .secrets .ssh .terraform"
    " .config/gcloud .config/gh .config/hub .config/rclone .ansible .chef .fly .gradle .jupyter .m2 .mc .netlify"
    " .pulumi .snowflake .snowsql .vagrant .vercel share/jupyter",
    HISTORY: ".ipython",
}

#: Files, and folders too.
_ANYTHING: Final = {
    ENVIRONMENT: ".env* *.env .flaskenv env.local env.dev* env.test env.stag* env.prod* .renviron",
    KEY: "id_rsa* id_dsa* id_ecdsa* id_ed25519* *.key *.ppk *.p8 *.p12 *.pfx *.pkcs12 *.jks *.bks *.keystore *.kdb"
    " *.kdbx *.keychain *.keychain-db *.keytab *.agekey *.ovpn secring.* *.gpg-key",
    CREDENTIALS: ".netrc _netrc .pypirc pip.conf pip.ini .condarc .npmrc .yarnrc .yarnrc.yml .git-credentials"
    " .gitconfig .htpasswd .pgpass pgpass.conf .my.cnf .mylogin.cnf .s3cfg .boto .dockercfg .databrickscfg .vault-token"
    " .rclone.conf rclone.conf .terraformrc terraform.rc *.tfstate *.tfstate.* *.tfvars *.tfvars.json"
    " kubeconfig kubeconfig.* *.kubeconfig .dvc/config.local .docker/config.json .streamlit/secrets.toml"
    " credentials credentials.json credentials.yaml credentials.yml credentials.toml credentials.ini credentials.csv"
    " credentials.txt credentials.db credentials.xml accesskeys.csv *_accesskeys.csv rootkey.csv auth.json kaggle.json"
    " service-account*.json service_account*.json serviceaccount*.json *-service-account.json client_secret*.json"
    " *firebase-adminsdk*.json application_default_credentials.json access_tokens.db"
    " secrets.json secrets.yaml secrets.yml secrets.toml secrets.ini secrets.txt secrets.cfg"
    " secret.json secret.yaml secret.yml secret.toml secret.ini secret.txt secret.cfg .secret .secret.* .secrets.*"
    " passwords.txt password.txt passwords.csv passwords.json .passwd passwd .password* .vault_pass* .vault-pass*"
    " .token *.token token token.txt token.json token.pickle api_key.txt apikey.txt api_keys.txt"
    " *.cred *.creds .smbcredentials .xauthority .iceauthority krb5cc_* wallet.dat key3.db key4.db logins.json"
    " login?data cookies.txt cookies.sqlite *.har",
    HISTORY: ".*_history .bash_sessions .viminfo .lesshst .wget-hsts .rhistory .rdata",
    VERSION_CONTROL: ".git .fslckout _fossil_",
    CACHE: "*.pyc *.pyo .*.partial .coverage .coverage.* .dmypy.json",
    SYSTEM: ".ds_store ._* thumbs.db ehthumbs.db desktop.ini *.swp *.swo *.swn *~ .#* #*# .directory",
}

#: Names that say it in a word of theirs, as ``prod-secrets.yaml`` and a copy of it do; code is called like that, too.
_TELLING: Final = re.compile(
    r"(?:.*[-_. ])?(?:secrets?|credentials?|creds|api[-_]?keys?)(?:[-_. (].*)?"
    r"\.(?:json|ya?ml|toml|ini|cfg|conf|txt|csv|xml|properties|enc|gpg|asc)(?:[.~].*)?"
    r"|(?:.*[-_.])?(?:secrets|credentials)|secrets/.*(?<!\.py)",
    re.DOTALL,
)


def reason_by_name(path: str, *, is_folder: bool) -> str | None:
    """Say why something never belongs in an archive, whatever is in it; None where its name does not tell.

    Example:
        >>> reason_by_name("deploy/.env.production", is_folder=False)
        'it holds settings and secrets of one machine'
        >>> reason_by_name("model/.git", is_folder=True)
        'it belongs to version control'
        >>> reason_by_name("model/tokenizer.json", is_folder=False)

    Args:
        path: relative to the project, with ``/`` between its parts; nothing above it was left out.
        is_folder: whether it is a folder.

    Returns:
        A clause, to stand behind the path and a colon.
    """
    parts = path.casefold().rsplit("/", 2)[-2:]
    for name in (parts[-1], "/".join(parts)):
        for reason, pattern in _PATTERNS[is_folder]:
            if pattern.fullmatch(name):
                return reason
        if not is_folder and _TELLING.fullmatch(name):
            return CREDENTIALS
    return None


def reason_by_inside(names: Iterable[str]) -> str | None:
    """Say why a folder never belongs in an archive, by what lies in it; None where that does not tell.

    Example:
        >>> reason_by_inside(["bin", "lib", "pyvenv.cfg"])
        'it is a virtual environment'
        >>> reason_by_inside(["inference.py", "model.onnx"])
    """
    found = set(names)
    if "pyvenv.cfg" in found or "conda-meta" in found:
        return VIRTUAL_ENVIRONMENT
    if {"HEAD", "objects", "refs"} <= found:
        return VERSION_CONTROL
    if "CACHEDIR.TAG" in found:
        return CACHE
    return None


def _compiled(*tables: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (reason, re.compile("|".join(map(translate, names.split())), re.DOTALL))
        for table in tables
        for reason, names in table.items()
    )


_PATTERNS: Final = {True: _compiled(_FOLDERS, _ANYTHING), False: _compiled(_ANYTHING)}
