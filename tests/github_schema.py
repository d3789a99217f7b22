"""Compare the sandbox's GraphQL schema with one that GitHub publishes, field by field.

    python tests/github_schema.py schema.graphql

GitHub publishes its schema at https://docs.github.com/public/fpt/schema.docs.graphql, and as `schema.graphql` of the
npm package @octokit/graphql-schema. Nothing of it is kept here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from connectors.sandbox.github.schema import schema

DELIBERATE = {
    "Query.search: SearchResultItemConnection, GitHub: SearchResultItemConnection!",
}
"""Differences that are meant, as `connectors/sandbox/github/schema.py` says."""


_WithFields = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType


def differences(own: GraphQLSchema, published: GraphQLSchema) -> Iterator[str]:
    """Where the sandbox has a type, field, argument or value that GitHub has not, or has otherwise."""
    for name, kind in own.type_map.items():
        theirs = published.type_map.get(name)
        if name.startswith("__"):
            continue
        if type(theirs) is not type(kind):
            yield f"{name}: not there"
        elif isinstance(kind, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            yield from (f"{name}.{value}: not there" for value in kind.values if value not in theirs.values)
        elif isinstance(kind, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
            known = {each.name for each in theirs.types}
            yield from (f"{name} = {each.name}: not there" for each in kind.types if each.name not in known)
        elif isinstance(kind, _WithFields) and isinstance(theirs, _WithFields):
            yield from _fields(name, kind, theirs)


def _fields(name: str, own: _WithFields, theirs: _WithFields) -> Iterator[str]:
    for field, stated in own.fields.items():
        found = theirs.fields.get(field)
        if found is None:
            yield f"{name}.{field}: not there"
            continue
        if str(found.type) != str(stated.type):
            yield f"{name}.{field}: {stated.type}, GitHub: {found.type}"
        for argument, given in getattr(stated, "args", {}).items():
            known = getattr(found, "args", {}).get(argument)
            if known is None or str(known.type) != str(given.type):
                yield f"{name}.{field}({argument}): {given.type}, GitHub: {known and known.type}"


def main() -> None:
    """Print the differences; end with 1 if there are some that are not meant."""
    text = Path(sys.argv[1]).read_text("utf-8")
    found = [
        each for each in differences(schema(), build_schema(text, assume_valid_sdl=True)) if each not in DELIBERATE
    ]
    sys.stdout.write("".join(f"{each}\n" for each in found) or "the sandbox's schema is a part of it\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
