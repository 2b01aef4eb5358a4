"""What never belongs in an archive, by its name."""

from __future__ import annotations

import pytest

from packflow.project.files import unwanted
from packflow.project.files.unwanted import reason_by_inside, reason_by_name


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".env", unwanted.ENVIRONMENT),
        ("deploy/.ENV.production", unwanted.ENVIRONMENT),
        ("prod.env", unwanted.ENVIRONMENT),
        ("id_rsa", unwanted.KEY),
        ("keys/id_ed25519.bak", unwanted.KEY),
        ("server.key", unwanted.KEY),
        ("store.p12", unwanted.KEY),
        ("passwords.kdbx", unwanted.KEY),
        (".netrc", unwanted.CREDENTIALS),
        (".pypirc", unwanted.CREDENTIALS),
        ("pip.conf", unwanted.CREDENTIALS),
        (".npmrc", unwanted.CREDENTIALS),
        (".git-credentials", unwanted.CREDENTIALS),
        (".htpasswd", unwanted.CREDENTIALS),
        ("kubeconfig", unwanted.CREDENTIALS),
        ("service-account-prod.json", unwanted.CREDENTIALS),
        (".docker/config.json", unwanted.CREDENTIALS),
        ("infra/terraform.tfstate.backup", unwanted.CREDENTIALS),
        ("secrets.yaml", unwanted.CREDENTIALS),
        (".streamlit/secrets.toml", unwanted.CREDENTIALS),
        ("prod-secrets.yaml", unwanted.CREDENTIALS),
        ("secrets.yaml.bak", unwanted.CREDENTIALS),
        ("Credentials (1).json", unwanted.CREDENTIALS),
        ("aws_credentials", unwanted.CREDENTIALS),
        ("secrets/db", unwanted.CREDENTIALS),
        ("cookies.txt", unwanted.CREDENTIALS),
        ("session.har", unwanted.CREDENTIALS),
        ("env.production", unwanted.ENVIRONMENT),
        (".bash_history", unwanted.HISTORY),
        (".RData", unwanted.HISTORY),
        ("module/.git", unwanted.VERSION_CONTROL),  # a file, in a submodule
        ("inference.pyc", unwanted.CACHE),
        (".DS_Store", unwanted.SYSTEM),
        ("._inference.py", unwanted.SYSTEM),
        ("inference.py~", unwanted.SYSTEM),
        (".inference.py.swp", unwanted.SYSTEM),
        ("#inference.py#", unwanted.SYSTEM),
    ],
)
def test_files(path: str, reason: str) -> None:
    assert reason_by_name(path, is_folder=False) == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".git", unwanted.VERSION_CONTROL),
        ("vendor/.hg", unwanted.VERSION_CONTROL),
        (".svn", unwanted.VERSION_CONTROL),
        (".bzr", unwanted.VERSION_CONTROL),
        (".aws", unwanted.CREDENTIALS),
        ("home/.ssh", unwanted.CREDENTIALS),
        (".gnupg", unwanted.CREDENTIALS),
        (".kube", unwanted.CREDENTIALS),
        (".config/gcloud", unwanted.CREDENTIALS),
        (".jupyter", unwanted.CREDENTIALS),
        (".local/share/jupyter", unwanted.CREDENTIALS),
        (".m2", unwanted.CREDENTIALS),
        (".ipython", unwanted.HISTORY),
        ("pkg/__pycache__", unwanted.CACHE),
        (".ipynb_checkpoints", unwanted.CACHE),
        ("node_modules", unwanted.CACHE),
        ("prices.egg-info", unwanted.CACHE),
        (".env", unwanted.ENVIRONMENT),
    ],
)
def test_folders(path: str, reason: str) -> None:
    assert reason_by_name(path, is_folder=True) == reason


@pytest.mark.parametrize(
    "path",
    [
        *("inference.py", "packflow.yaml", "samples.jsonl", "requirements.txt", "MODEL_CARD.md", ".gitignore"),
        *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokens.txt"),
        *("vocab.json", "config.json", "model.safetensors", "weights.h5", "ca-bundle.pem", "keys.py", "secrets.py"),
        *("credentials.py", "environment.yml", "env.py", "monkey.txt", "git.md", "cache.json", "rsa.py"),
        *("secrets/__init__.py", "secretary.json", "load_credentials.py", "common-passwords.txt", "tokens.json"),
    ],
)
def test_what_models_are_made_of_stays(path: str) -> None:
    assert reason_by_name(path, is_folder=False) is None


@pytest.mark.parametrize("path", ["env", "venv", "models", "data", "build", "config", "git"])
def test_a_folder_with_a_plain_name_stays(path: str) -> None:
    assert reason_by_name(path, is_folder=True) is None


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["bin", "lib", "pyvenv.cfg"], unwanted.VIRTUAL_ENVIRONMENT),
        (["bin", "conda-meta"], unwanted.VIRTUAL_ENVIRONMENT),
        (["HEAD", "objects", "refs", "config"], unwanted.VERSION_CONTROL),
        (["CACHEDIR.TAG", "x"], unwanted.CACHE),
        (["inference.py", "bin", "lib"], None),
        ([], None),
    ],
)
def test_a_folder_is_known_by_what_lies_in_it(names: list[str], reason: str | None) -> None:
    assert reason_by_inside(names) == reason
