"""Compare the sandbox's GraphQL schema with one that GitHub publishes, field by field, and validate what is sent.

    python tests/github_schema.py schema.graphql

GitHub publishes its schema at https://docs.github.com/public/fpt/schema.docs.graphql, and as `schema.graphql` of the
npm package @octokit/graphql-schema. Nothing of it is kept here.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    parse,
    validate,
)

from connectors.protocol import Read, Reading
from connectors.sandbox.github.schema import schema
from github_kit import TOKEN, open_world, opened
from source_contract import Rows

DELIBERATE = {
    "Query.search: SearchResultItemConnection, GitHub: SearchResultItemConnection!",
}
"""Differences that are meant, as `connectors/sandbox/github/schema.py` says."""

NEWER = ("archivedStates", "ProjectV2ItemArchivedState", "MULTI_SELECT", "MultiSelect", "IssueField")
"""Names that GitHub's reference has (github/docs, `src/graphql/data/fpt/schema-projects.json`, read 2026-11-30) and the
npm package did not have yet. A server that lacks them is asked without them, unless a config needs them.
"""

FIELDS = {
    "points": "Estimate",
    "sprint": {"name": "Iteration", "type": "text"},
    "due": {"name": "X", "type": "timestamp"},
}
QUERIES = {
    "search": {"search": "repo:acme/app"},
    "parent": {"parent": "acme/app#20"},
    "project": {"project": "acme/7"},
    "repository": {"repository": "acme/app"},
}


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


def documents() -> list[str]:
    """What is sent to read and to count each table with all of its columns."""
    os.environ["OKRSYNC_TEST_TOKEN"] = TOKEN
    with open_world() as world, closing(opened(world.sandbox, world.meter, world.waits, fields=FIELDS)) as source:
        for table in source.tables.values():
            query = QUERIES[table.query[0].name]
            columns = tuple(column.name for column in table.columns)
            reads = [Read("rows", table.name, query, columns), Read("count", table.name, query, count_only=True)]
            answers = list(source.read(reads, Rows()))
            assert all(isinstance(answer, Reading) for answer in answers), (table.name, answers)
        return [str(sent["query"]) for sent in world.sent()]


def main() -> None:
    """Print the differences, and what GitHub would refuse; end with 1 if there is any that is not meant."""
    published = build_schema(Path(sys.argv[1]).read_text("utf-8"), assume_valid=True)
    found = [each for each in differences(schema(), published) if each not in DELIBERATE]
    found += [error.message for text in documents() for error in validate(published, parse(text))]
    found = [each for each in found if not any(name in each for name in NEWER)]
    sys.stdout.write("".join(f"{each}\n" for each in found) or "the sandbox's schema is a part of it\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
