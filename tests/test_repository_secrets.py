"""No file of the repository holds what looks like a credential. Needs no network."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHAPES = {
    "a token of GitHub": rb"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{50,}",
    "a token of Atlassian": rb"\bATATT3[A-Za-z0-9_=-]{40,}",
    "a key of Google": rb"\bAIza[0-9A-Za-z_-]{35}\b|\bya29\.[0-9A-Za-z_-]{30,}",
    "a token of Slack": rb"\bxox[baprs]-[0-9A-Za-z-]{20,}",
    "a webhook of Slack": rb"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    "a key of AWS": rb"\bAKIA[0-9A-Z]{16}\b",
    "a private key": rb"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/=]{40,}",
    "a signed token": rb"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
}
EXAMPLES = {
    "a token of GitHub": "ghp_" + "a1B2" * 9,
    "a token of Atlassian": "ATATT3" + "xFfG" * 12,
    "a key of Google": "AIza" + "Sy-x_" * 7,
    "a token of Slack": "xoxb-" + "12345678-" * 3,
    "a webhook of Slack": "hooks.slack.com/services/" + "T12345678/B12345678/" + "a" * 24,
    "a key of AWS": "AKIA" + "ABCD1234" * 2,
    "a private key": "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIE" * 16,
    "a signed token": ".".join(["eyJ" + "hbGc" * 6] * 2 + ["c2ln" * 6]),
}


def repository_files() -> list[Path]:
    """What git keeps; where there is no git, every file but those of tools."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607 - git's place differs
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def test_no_file_holds_a_credential() -> None:
    files = [path for path in repository_files() if path.is_file()]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)} holds {name}"
        for path in files
        for name, shape in SHAPES.items()
        if re.search(shape, path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_recognised(name: str) -> None:
    assert re.search(SHAPES[name], EXAMPLES[name].encode())
