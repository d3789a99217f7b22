"""Field types of the config models: numbers, shares, durations, days, secrets, addresses, ids. Scalars are text."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from config.cell_types import parse_cell_type, parse_marks, parse_order
from config.message import Message
from config.scalars import (
    Amount,
    RelativeChange,
    Threshold,
    parse_amount,
    parse_change,
    parse_date,
    parse_days,
    parse_seconds,
    parse_share,
    parse_threshold,
    quoted,
)
from config.secrets import Secret, parse_secret
from config.suggest import did_you_mean

ID_PATTERN = r"[A-Za-z0-9][\w.-]*"
ID_LENGTH = 64
"""Maximum length of an id. In the pattern, as in the JSON schema, it would cost pydantic 20 ms of every start."""

NAME_PATTERN = r"[a-z_][a-z0-9_]*"
TEXT, OPTIONS = "<text>", "<options>"
"""Union tags of an option that is either one text or a mapping of options."""


def _from_text(parse: Any, kind: type | tuple[type, ...]) -> BeforeValidator:
    """Create a validator that parses text with `parse` and keeps values of `kind`, so that code can build models."""

    def validate(value: object) -> object:
        if isinstance(value, kind):
            return value
        if value is None or isinstance(value, (dict, list)):
            raise ValueError(Message("must be one value on one line"))
        return parse(str(value))

    return BeforeValidator(validate)


def _checked(parse: Any) -> AfterValidator:
    """Create a validator that keeps a text which `parse` accepts."""

    def validate(text: str) -> str:
        parse(text)
        return text.strip()

    return AfterValidator(validate)


def parse_zone(text: str) -> ZoneInfo:
    """Parse an IANA time zone name such as Asia/Taipei. Raises ValueError with the nearest known name."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        near = did_you_mean(text[:60], available_timezones()) or Message("; write a name such as Asia/Taipei")
        raise ValueError(Message("{text} is not a time zone{near}", text=quoted(text), near=near)) from exc


def _url(text: str) -> str:
    """Validate an https address and remove its last slash; http is accepted for localhost only. Raises ValueError.

    Messages never repeat the address, because people paste credentials into addresses.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise ValueError(Message("an address must not contain credentials; use the connection's secret fields"))
    if not usable:
        raise ValueError(Message("is not an address; write https://host/path"))
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError(Message("would send credentials in clear text; write https://"))
    return text.strip().rstrip("/")


def _secret_or_text(text: str) -> Secret | str:
    """Parse an account name, stated as plain text or as a reference; a referenced name may be short."""
    is_reference = text.startswith(("$", "file:", "keyring:"))
    return replace(parse_secret(text), may_be_short=True) if is_reference else text


def _header_text(text: str) -> Secret | str:
    """Parse the value of a header: a reference, or a text that cannot be a credential. Raises ValueError."""
    return text if _NO_CREDENTIAL.fullmatch(text) else parse_secret(text)


def _switch(value: object) -> object:
    return {"true": True, "false": False}.get(value.casefold(), value) if isinstance(value, str) else value


def _cell_name(text: str) -> str:
    if not _CELL_NAME.fullmatch(text.strip()):
        raise ValueError(Message("{text} is not a cell; write OKRs!H1", text=quoted(text)))
    return text.strip()


def as_list(value: object) -> object:
    """Return one text as a list of it, any other value as it is."""
    return [value] if isinstance(value, str) else value


_CELL_NAME = re.compile(r"(?:[^!]+!)?\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}")
_NO_CREDENTIAL = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?|v?\d{1,3}(?:\.\d{1,3})+|(?:application|text)/[\w.+-]+(?:; ?\w+=[\w.-]+)*"
)
"""Pattern of a date, a version or a media type."""
_TEXT_SCHEMA = {"type": ["string", "number"]}
Number = Annotated[Amount, _from_text(parse_amount, Amount), WithJsonSchema(_TEXT_SCHEMA)]
Change = Annotated[RelativeChange, _from_text(parse_change, RelativeChange), WithJsonSchema(_TEXT_SCHEMA)]
Share = Annotated[Decimal, _from_text(parse_share, Decimal), WithJsonSchema(_TEXT_SCHEMA)]
Seconds = Annotated[float, _from_text(parse_seconds, (float, int)), WithJsonSchema(_TEXT_SCHEMA)]
Days = Annotated[int, _from_text(parse_days, int), WithJsonSchema({"type": "string"})]
Hold = Annotated[Threshold, _from_text(parse_threshold, Threshold), WithJsonSchema({"type": "string"})]
Day = Annotated[date, _from_text(parse_date, date), WithJsonSchema({"type": "string"})]
SecretOrText = Annotated[Secret | str, _from_text(_secret_or_text, Secret), WithJsonSchema({"type": "string"})]
HeaderText = Annotated[Secret | str, _from_text(_header_text, Secret), WithJsonSchema({"type": "string"})]
SecretText = Annotated[Secret, _from_text(parse_secret, Secret), WithJsonSchema({"type": "string"})]
Zone = Annotated[ZoneInfo, _from_text(parse_zone, ZoneInfo), WithJsonSchema({"type": "string"})]
Switch = Annotated[bool, BeforeValidator(_switch)]
CellName = Annotated[str, AfterValidator(_cell_name)]
Url = Annotated[str, AfterValidator(_url)]
CellTypeText = Annotated[str, _checked(parse_cell_type)]
MarksText = Annotated[str, _checked(parse_marks)]
OrderText = Annotated[str, _checked(parse_order)]
Id = Annotated[
    str,
    Field(pattern=rf"^{ID_PATTERN}$", max_length=ID_LENGTH),
    WithJsonSchema({"type": "string", "pattern": r"^[A-Za-z0-9][\w.-]{0,63}$"}),
]
Name = Annotated[str, Field(pattern=rf"^{NAME_PATTERN}$")]
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Model(BaseModel):
    """Base class of config models: frozen, and unknown options are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True, defer_build=True
    )
