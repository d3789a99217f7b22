"""JSON answers of services, and how their errors are found."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime

from config.dataclass import dataclass
from config.errors import SourceError


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed JSON answer.

    Attributes:
        document: the JSON.
        read_at: when it arrived.
        address: the address that gave it, without what signs in.
        next_link: what its `Link: rel=next` header says (RFC 8288); empty where it says nothing.
        digest: the same for equal bodies.
        headers: those of the answer; names in lower case.
    """

    document: object
    read_at: datetime
    address: str = ""
    next_link: str = ""
    digest: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what for, and how its errors are told.

    Attributes:
        doing: what is being done, for errors.
        kind: the request's kind for the meter.
        detail: extracts the reason from an error's body.
        fault: finds an error in a document, whatever its status; None where there is none.
    """

    doing: str
    kind: str
    detail: Callable[[object], str]
    fault: Callable[[object], SourceError | None]


def no_fault(_document: object) -> None:
    """Find no error in a document."""


def usual_reason(document: object) -> str:
    """Return the reason in an error body of unknown form, from keys such as `message`; empty if there is none."""
    if isinstance(document, list) and document:
        return usual_reason(document[0])
    if isinstance(document, Mapping):
        for key in ("message", "error_description", "error", "detail", "title", "error_message"):
            if isinstance(document.get(key), str):
                return str(document[key])
        return next(filter(None, (usual_reason(document.get(key)) for key in ("error", "errors"))), "")
    return ""
