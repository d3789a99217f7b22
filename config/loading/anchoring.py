"""Connections and recipients with paths that start where they are stated, and within the limits of a fleet."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from config.reach import Outgoing
from config.secrets import Secret
from config.terms import Terms

OutgoingT = TypeVar("OutgoingT", bound=Outgoing)


def anchored(model: OutgoingT, base_dir: Path, terms: Terms) -> OutgoingT:
    """Return a connection or a recipient whose `file:` references start at `base_dir`, on these terms."""
    changed = {
        field: _secrets_anchored(getattr(model, field), base_dir, terms)
        for field in type(model).model_fields
        if isinstance(getattr(model, field), (Secret, dict))
    }
    return model.model_copy(update=changed).within(terms.reach)


def _secrets_anchored(value: object, base_dir: Path, terms: Terms) -> object:
    if isinstance(value, Secret):
        return replace(value, base_dir=base_dir, grants=terms.grants)
    if isinstance(value, dict):
        return {key: _secrets_anchored(item, base_dir, terms) for key, item in value.items()}
    return value
