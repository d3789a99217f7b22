"""What the sandbox's GitHub does where the documentation is silent or a test provokes it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Behaviour:
    """What the documentation leaves open or a test wants to provoke.

    Attributes:
        alias_limit: top-level fields a GraphQL query may hold.
        beyond_limit: how a larger one is answered: HTTP 502, or the first ones and RESOURCE_LIMITS_EXCEEDED.
        refused_search: how GraphQL answers a search it refuses: an error at that alias beside the others' data; the
            error and no data at all, as the schema's non-null types ask for; or, for an unknown repository, no word.
    """

    alias_limit: int = 100
    beyond_limit: Literal["502", "partial"] = "502"
    refused_search: Literal["alias", "whole", "silent"] = "alias"
