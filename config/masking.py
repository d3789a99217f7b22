"""Mask secrets in texts, in every form in which a service can write them: escaped, encoded, or cut short.

A secret is masked as a whole, and by any beginning or end of it that has at least PIECE characters. A piece that reads
like ordinary words (`production`, `github_p`) is masked from WORDS characters on, or where it was cut inside a word.
Upper and lower case are not told apart, since host names lose their case.
"""

import base64
import json
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from config.dataclass import dataclass
from config.escapes import decodings

HIDDEN = "***"
"""Replacement for a masked secret."""

SHORTEST = 6
"""Minimum length in characters of a masked value; shorter ones occur inside ordinary words.

Credentials shorter than this are refused (`config/secrets.py`).
"""

PIECE = 8
"""Minimum length in characters of a beginning or an end of a secret that is masked."""

WORDS = 12
"""Minimum length in characters of such a piece if it reads like ordinary words."""

_ADDRESS = re.compile(r"[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+")
_MOST = 1000
_MOST_CLEAN, _LONGEST_CLEAN = 50_000, 200
_LINE_OF_A_KEY = 20
_SECRET_FIELDS = ("private_key", "client_secret", "refresh_token", "token", "password")
_LOWER = {ord(upper): lower for upper, lower in zip(string.ascii_uppercase, string.ascii_lowercase, strict=True)}


@dataclass(frozen=True, slots=True)
class _Form:
    """One spelling of a secret in lower case; its first `start` and its last `end` characters are always masked.

    With `has_pieces` False, only the whole is masked.
    """

    text: str
    start: int
    end: int
    has_pieces: bool


class _Known:
    """The registered secrets with their forms, indexed by the first and the last characters of each form.

    Attributes:
        forms: by secret, the latest last.
        anchors: by length, those characters with their forms, and whether they are the first.
        blocks: by the same length, every half of such characters: a quick test of a text.
        spaced: whether a secret holds a space, which forms write as `+`.
        clean: short texts without any of them, since names and codes come back in every line.
    """

    def __init__(self) -> None:
        self.forms: dict[str, tuple[_Form, ...]] = {}
        self.anchors: dict[int, dict[str, tuple[tuple[_Form, bool], ...]]] = {}
        self.blocks: dict[int, set[str]] = {}
        self.spaced = False
        self.clean: set[str] = set()

    def add(self, secret: str) -> None:
        forms = self.forms.pop(secret, None)
        self.forms[secret] = forms or _forms_of(secret)
        if forms is None:
            self._index(secret)
        if len(self.forms) > _MOST:
            self.replace(dict(list(self.forms.items())[-_MOST * 9 // 10 :]))

    def replace(self, forms: Mapping[str, tuple[_Form, ...]]) -> None:
        self.forms, self.anchors, self.blocks, self.spaced = dict(forms), {}, {}, False
        for secret in self.forms:
            self._index(secret)

    def _index(self, secret: str) -> None:
        self.spaced = self.spaced or " " in secret
        for form in self.forms[secret]:
            size = min(PIECE, len(form.text))
            half = (size + 1) // 2
            blocks, anchors = self.blocks.setdefault(size, set()), self.anchors.setdefault(size, {})
            for piece, first in ((form.text[:size], True), (form.text[-size:], False)):
                anchors[piece] = (*anchors.get(piece, ()), (form, first))
                blocks.update(piece[at : at + half] for at in range(size - half + 1))
        self.clean = set()


_known = _Known()


def keep_secret(*values: str) -> None:
    """Register values to mask in all output: secrets, and values made of them such as access tokens or Basic headers.

    Of a key file as JSON its secret fields are registered, of a multi-line key each line, of a webhook's address what
    follows its host. The latest 1,000 values are kept, so that memory stays bounded in a long-running process.
    """
    for value in values:
        for part in _parts(value.strip()):
            _known.add(part)


def _parts(value: str) -> Iterator[str]:
    """Split a value into the secrets in it."""
    if value.startswith("{"):
        try:
            data = json.loads(value)
        except ValueError:
            data = None
        if isinstance(data, dict):
            for field in _SECRET_FIELDS:
                yield from _parts(str(data.get(field) or ""))
            return
    lines = value.split("\n")
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line) >= _LINE_OF_A_KEY and not line.startswith("-----"))
    if value.startswith("-----"):
        return
    try:
        address = urlsplit(value)
    except ValueError:
        address = urlsplit("")
    if address.scheme in ("http", "https") and "@" not in address.netloc:
        path = value.partition("://")[2].partition("/")[2]
        value = path if len(path) >= SHORTEST else value
    if len(value) >= SHORTEST:
        yield value


def _forms_of(secret: str) -> tuple[_Form, ...]:
    """Return a secret as written, in hexadecimal, and in base64 from each of the three places in a group of bytes."""
    data = secret.encode("utf-8", "replace")
    texts = {secret: None, data.hex(): None}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).decode()
        core = whole[-(-8 * before // 6) : 8 * (before + len(data)) // 6]
        texts |= {core: None, core.replace("+", "-").replace("/", "_"): None}
    has_pieces = not _ADDRESS.fullmatch(secret)  # an account: its colleagues' addresses end like it
    return tuple(_Form(_lower(text), _certain(text[:PIECE]), _certain(text[-PIECE:]), has_pieces) for text in texts)


def _certain(piece: str) -> int:
    """Return how long a piece with this beginning or end has to be to be masked in any case."""
    words = re.findall(r"[^\W\d_]+", piece)
    wordy = not re.search(r"\d", piece) and all(
        word in (word.lower(), word.upper(), word.capitalize()) for word in words
    )
    return WORDS if wordy else PIECE


def _lower(text: str) -> str:
    """Return a text with ASCII letters in lower case; its length stays the same."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def without_secrets(text: str, *, decode: bool = True) -> str:
    """Replace every form of the secrets registered in this process by `***`; return the same text if there is none.

    With `decode` False, escaped forms are not looked for: for documents whose values were masked one by one.
    """
    clean = _known.clean  # the one of now: a secret that another thread adds meanwhile makes a new one
    if not _known.forms or len(text) < SHORTEST or text in clean:
        return text
    spans = list(_spans(text))
    if decode:
        for decoded in decodings(text, plus=_known.spaced):
            spans += [decoded.source(*span) for span in _spans(decoded.text)]
    if not spans:
        if decode and len(text) <= _LONGEST_CLEAN and len(clean) < _MOST_CLEAN:
            clean.add(text)
        return text
    parts, last = [], 0
    for start, end in _merged(spans):
        parts += [text[last:start], HIDDEN]
        last = end
    return "".join([*parts, text[last:]])


_Any = TypeVar("_Any")


def mask(value: _Any) -> _Any:
    """Mask secrets in every text of nested lists, tuples and mappings; other values stay as they are."""
    return _mask(value)  # type: ignore[return-value]


def _mask(value: object) -> object:
    match value:
        case str():
            return without_secrets(value)
        case list():
            return value if _is_clean(value) else [_mask(each) for each in value]
        case tuple() if type(value) is tuple:
            return value if _is_clean(value) else tuple(map(_mask, value))
        case None | int() | float():  # most that is no text, and looked at before the slow check for a Mapping
            return value
        case Mapping():
            return {_mask(name): _mask(each) for name, each in value.items()}
    return value


def _is_clean(values: Sequence[object]) -> bool:
    """Return whether no text of a list holds a secret, in one look; False for other lists."""
    if set(map(type, values)) - {str}:
        return False
    joined = " ".join(map(str, values))
    return without_secrets(joined) is joined


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every secret, and of every piece of one, in a text."""
    lower = _lower(text)
    for size, blocks in list(_known.blocks.items()):
        half, anchors = (size + 1) // 2, _known.anchors[size]
        near = [at for at in range(0, len(lower) - half + 1, half) if lower[at : at + half] in blocks]
        for at in (at for block in near for at in range(max(block - size + half, 0), block + 1)):
            for form, first in anchors.get(lower[at : at + size], ()):
                length = _length(lower, at, form.text) if first else _length_back(lower, at + size, form.text)
                span = (at, at + length) if first else (at + size - length, at + size)
                enough = form.start if first else form.end
                is_piece = length >= enough or _is_cut(lower, span, form.text, first=first)
                if length == len(form.text) or (form.has_pieces and is_piece):
                    yield span


def _length(text: str, at: int, form: str) -> int:
    """Return how many characters of `form` the text has from `at` on."""
    most = min(len(text) - at, len(form))
    return next((n for n in range(most) if text[at + n] != form[n]), most)


def _length_back(text: str, end: int, form: str) -> int:
    """Return how many of the last characters of `form` the text has before `end`."""
    most = min(end, len(form))
    return next((n for n in range(most) if text[end - 1 - n] != form[-1 - n]), most)


def _is_cut(text: str, span: tuple[int, int], form: str, *, first: bool) -> bool:
    """Return whether a piece ends inside a word of the secret where the text's own word ends."""
    start, end = span
    if first:
        return not text[end : end + 1].isalnum() and form[end - start - 1 : end - start + 1].isalnum()
    rest = len(form) - (end - start)
    return not text[max(start - 1, 0) : start].isalnum() and form[rest - 1 : rest + 1].isalnum()
