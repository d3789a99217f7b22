"""Decode text files: by byte order mark, as UTF-8, or by detecting one of the encodings common in spreadsheets."""

import codecs

from config.dataclass import dataclass
from config.message import Message

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = {
    "cp1252": "windows-1252",
    "cp950": "big5",
    "gb18030": "gbk",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
}
"""Encodings that programs save CSV in besides Unicode, by codec, with the names to state them by."""

_MARGIN = 0.1
"""Minimum difference in disorder between the best and the second-best candidate."""

_SAMPLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file: its text, and the codec and byte order mark for writing it back."""

    text: str
    encoding: str
    bom: bytes = b""
    guessed: str = ""
    """Name of the encoding if it was detected by the characters."""

    def encode(self, text: str) -> bytes:
        """Encode another text in the same encoding. Raises ValueError with the first character it cannot represent."""
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as exc:
            name = self.guessed or self.encoding
            raise ValueError(
                Message("{text!r} cannot be written in {guessed}", text=text[exc.start], guessed=name)
            ) from exc


class EncodingError(ValueError):
    """A text whose encoding is unknown, doubtful or not the stated one."""


def decode(data: bytes, encoding: str = "") -> Text:
    """Decode a file by `encoding` if stated, else by its byte order mark, else as UTF-8, else as what is detected.

    Raises EncodingError: no encoding fits, several fit, or the stated encoding is unknown or does not fit.
    """
    if encoding:
        return _stated(data, encoding)
    for bom, name in _BOMS:
        if data.startswith(bom):
            return Text(_decoded(data[len(bom) :], name), name, bom)
    if b"\x00" in data:
        raise EncodingError(Message("it holds NUL bytes, as UTF-16 without a byte order mark does"))
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as exc:
        return _detected(data, exc.start)


def _detected(data: bytes, first: int) -> Text:
    """Decode by the one candidate that reads clearly better than all others. `first`: index of a byte not in UTF-8."""
    from charset_normalizer import from_bytes

    start = data.rfind(b"\n", 0, first) + 1
    sample = data[start : start + _SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    found = from_bytes(sample, cp_isolation=list(_CANDIDATES), threshold=0.5)
    ranked = sorted(found, key=lambda match: match.chaos)
    close = [match for match in ranked if match.chaos <= ranked[0].chaos + _MARGIN]
    names = [name for match in close if (name := _candidate(match.encoding, match.could_be_from_charset))]
    if len(close) == len(names) == 1:
        codec = next(codec for codec, name in _CANDIDATES.items() if name == names[0])
        return Text(_decoded(data, codec), codec, guessed=names[0])
    where = data.count(b"\n", 0, first) + 1
    if not names:
        raise EncodingError(Message("line {line} is not UTF-8, and no other encoding fits", line=where))
    raise EncodingError(
        Message("line {line} is not UTF-8, and its encoding is not certain: {names}", line=where, names=names)
    )


def _candidate(codec: str, alike: list[str]) -> str:
    """Return the name of the first candidate among encodings that give the same text."""
    return next((name for candidate, name in _CANDIDATES.items() if candidate in (codec, *alike)), "")


def _stated(data: bytes, encoding: str) -> Text:
    try:
        codec = codecs.lookup(encoding)
    except LookupError as exc:
        raise EncodingError(
            Message("there is no encoding {encoding!r}; write utf-8, utf-16, big5 or cp950", encoding=encoding)
        ) from exc
    if not codec._is_text_encoding:  # noqa: SLF001 - the only way to tell rot13 and base64 from encodings
        raise EncodingError(Message("{encoding!r} is not a text encoding", encoding=encoding))
    name = {"big5": "cp950", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}.get(
        codec.name, codec.name
    )
    bom, plain = next(((bom, plain) for bom, plain in _BOMS if data.startswith(bom)), (b"", ""))
    if plain and name.replace("-sig", "").split("-le")[0].split("-be")[0] in (plain, plain[:6]):
        return Text(_decoded(data[len(bom) :], plain), plain, bom)
    return Text(_decoded(data, name), "utf-8" if name == "utf-8-sig" else name)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, ValueError) as exc:
        raise EncodingError(
            Message("it is not {encoding} ({reason})", encoding=encoding, reason=getattr(exc, "reason", exc))
        ) from exc
