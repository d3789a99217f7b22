"""Secrets are masked in every form in which they can be written, and ordinary text is left alone."""

import base64
import html
import json
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.masking import HIDDEN, PIECE, keep_secret, mask, without_secrets

TOKEN = "ATATT3xFfGF0q&b<9>/+=%'\"\\-z Q7"


def backslashes(text: str) -> str:
    """As markdown and chat messages escape."""
    return "".join(f"\\{char}" if char in string.punctuation else char for char in text)


def every_byte(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def every_entity(text: str) -> str:
    return "".join(f"&#x{ord(char):X};" for char in text)


def every_escape(text: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in map(ord, text))


def utf8_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON, every character": every_escape,
    "Python": repr,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: "".join(
        quote(char, safe="").lower() if quote(char, safe="") != char else char for char in text
    ),
    "percent, every byte": every_byte,
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "a path": quote,
    "a form": quote_plus,
    "markdown": backslashes,
    "HTML": html.escape,
    "HTML, every character": every_entity,
    "HTML in JSON": lambda text: json.dumps(html.escape(text)),
    "percent in HTML": lambda text: html.escape(quote(text, safe="/&")),
    "upper case": str.upper,
    "lower case": str.lower,
    "hexadecimal": lambda text: text.encode().hex(),
    "base64": utf8_base64,
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "zero-width characters": "\u200b".join,
    "line feeds": "\n".join,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_in_every_form(encoding: str) -> None:
    keep_secret(TOKEN)
    written = ENCODINGS[encoding](TOKEN)
    masked = without_secrets(f"before {written}, after")
    assert masked.startswith("before ")
    assert masked.endswith(", after")
    assert HIDDEN in masked
    assert len(masked) <= len("before '***Q==', after"), masked


@pytest.mark.parametrize("user", ["a", "ab", "abc", "demo@example.com", "名"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_inside_basic(user: str, encode: Callable[[bytes], bytes]) -> None:
    keep_secret(TOKEN)
    masked = without_secrets(f"Basic {encode(f'{user}:{TOKEN}:more'.encode()).decode()}")
    before, found, after = masked.removeprefix("Basic ").partition(HIDDEN)
    assert found
    assert len(before) <= len(base64.b64encode(f"{user}:".encode()))
    assert len(after) <= len(base64.b64encode(b":more")) + 4


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name not in ("Python", "hexadecimal")])
@pytest.mark.parametrize("length", range(PIECE, len(TOKEN)))
def test_a_secret_cut_short(encoding: str, length: int) -> None:
    keep_secret(TOKEN)
    assert HIDDEN in without_secrets(f"starts with {ENCODINGS[encoding](TOKEN[:length])}…")
    assert HIDDEN in without_secrets(f"ends with …{ENCODINGS[encoding](TOKEN[-length:])}")


@given(
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["C", "Z"]), min_size=8),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    around=st.text(max_size=5),
)
def test_any_secret(secret: str, encoding: str, around: str) -> None:
    secret = secret.strip()
    assume(len(secret) >= PIECE and not secret.startswith(("{", "-----", "http:", "https:")))
    assume(encoding not in ("upper case", "lower case") or secret.isascii())
    keep_secret(secret)
    try:
        written = ENCODINGS[encoding](secret)
    except ValueError:
        assume(False)
    masked = without_secrets(f"{around} {written} {around}")
    assert HIDDEN in masked
    assert written not in masked.replace(around, "")


TOKENS = st.text(string.ascii_letters + string.digits + "-_.~+/=", min_size=16, max_size=60)


@given(secret=TOKENS, encoding=st.sampled_from(sorted(ENCODINGS)), data=st.data())
def test_a_piece_of_any_token(secret: str, encoding: str, data: st.DataObject) -> None:
    assume(any(char.isdigit() for char in secret[:PIECE]) and any(char.isdigit() for char in secret[-PIECE:]))
    keep_secret(secret)
    length = data.draw(st.integers(PIECE, len(secret)))
    for piece in (secret[:length], secret[-length:]):
        masked = without_secrets(ENCODINGS[encoding](piece) if encoding != "hexadecimal" else piece.encode().hex())
        assert HIDDEN in masked
        assert secret[:PIECE] not in masked
        assert secret[-PIECE:] not in masked


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("production-db-7731", "production runs, and in production-like places; reproduction"),
        ("github_pat_11ABCDEFG0hijk", "github_prs, github_pat_, github_project and github_pat"),
        ("https://hooks.slack.com/services/T01AB/B02/x9y8z7w6", "https://hooks.slack.com/services, https://hooks.x"),
        ("https://prod-12.westus.logic.azure.com:443/workflows/0a1b2c3d4e", "https://prod-12.westus.logic.azure.com"),
        ("supersecrettoken", "supersecretive"),
        ("metrics-token-7781", "metrics-service, metrics-tools and metrics"),
        ("hunter2", "hunter 2 and hunter"),
        ('{"type": "service_account", "token_uri": "https://a/token", "private_key": "x9y8z7w6v5"}', "service_account"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY"),
    ],
)
def test_ordinary_text_stays(secret: str, text: str) -> None:
    keep_secret(secret)
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        ("production-db-7731", "production-db-7731", HIDDEN),
        ("production-db-7731", "production-d…", f"{HIDDEN}…"),
        ("supersecrettoken", "supersec…", f"{HIDDEN}…"),
        ("supersecrettoken", "…ettoken.", "…ettoken."),
        ("supersecrettoken", "…rettoken.", f"…{HIDDEN}."),
        ("hunter2", "x=hunter2;", f"x={HIDDEN};"),
        ("https://hooks.slack.com/services/T01AB/B02/x9y8z7w6", "POST /services/T01AB/B02/x9y8z7w6", f"POST /{HIDDEN}"),
        ('{"type": "service_account", "private_key": "x9y8z7w6v5"}', "x9y8z7w6v5", HIDDEN),
        ("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----", "MIIEvQIBADANBgkqhkiG9w0B", HIDDEN),
    ],
)
def test_a_secret_of_words_is_masked_where_it_is_one(secret: str, text: str, masked: str) -> None:
    keep_secret(secret)
    assert without_secrets(text) == masked


def test_values_in_lists_and_mappings() -> None:
    keep_secret("x9y8z7w6v5")
    keys = ("CORE-1", "CORE-2")
    assert mask(keys) is keys
    assert mask([("CORE-1", "x9y8z7w6v5"), {"x9y8z7w6v5": ["x9y8z7w6", 7, None]}]) == [
        ("CORE-1", HIDDEN),
        {HIDDEN: [HIDDEN, 7, None]},
    ]


def test_the_latest_secrets_are_kept() -> None:
    keep_secret("first-9911-secret")
    for number in range(1500):
        keep_secret(f"another-{number:06}-x", "first-9911-secret")
    assert without_secrets("first-9911-secret another-001499-x") == f"{HIDDEN} {HIDDEN}"
    assert without_secrets("another-000001-") == "another-000001-"


def test_of_an_account_only_the_whole_address_is_hidden() -> None:
    keep_secret("okr-bot@example.com.tw")
    assert without_secrets("okr-bot@example.com.tw, ming@example.com.tw, okr-bot@other.tw") == (
        f"{HIDDEN}, ming@example.com.tw, okr-bot@other.tw"
    )
