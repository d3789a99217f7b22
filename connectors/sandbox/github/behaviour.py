"""Configurable behaviour of the GitHub sandbox, where the documentation is silent or a test provokes errors."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Behaviour:
    """Behaviour that GitHub's documentation leaves open, or that a test provokes.

    Attributes:
        alias_limit: maximum number of top-level fields in a GraphQL query.
        beyond_limit: response to a larger query: HTTP 502, or the first fields and RESOURCE_LIMITS_EXCEEDED.
        refused_search: GraphQL response to a refused search: an error at its alias with the other searches' data; the
            error and no data, as the schema's non-null types require; or, for an unknown repository, no error at all.
        missing_fields: GraphQL fields, such as `Issue.stateReason`, that the server lacks, as an older Enterprise
            Server does: a query that names one is refused whole, with an error per field and no data.
    """

    alias_limit: int = 100
    beyond_limit: Literal["502", "partial"] = "502"
    refused_search: Literal["alias", "whole", "silent"] = "alias"
    missing_fields: frozenset[str] = frozenset()
