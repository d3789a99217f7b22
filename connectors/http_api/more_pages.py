"""Signs in an answer that it is one page of several: known flags, cursors and addresses of a next page."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.json_rows import name_in_path

_FLAGS = ("has_more", "hasMore", "has_next", "hasNext", "hasNextPage", "has_next_page")
_CURSORS = (
    "nextPageToken",
    "next_page_token",
    "next_cursor",
    "nextCursor",
    "nextLink",
    "@odata.nextLink",
    "next_page_url",
)
_OBJECTS = ("next", "next_page")
_INSIDE = ("after", "offset", "link", "href", "url", "uri")
_MOST_NODES = 2000


def page_hint(document: object) -> str:
    """Return the path of what marks a document as one page of several, such as `paging.next.after`; else empty."""
    waiting: list[tuple[str, object]] = [("", document)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return ""
        path, node = waiting.pop(0)
        if isinstance(node, Mapping):
            if found := next(_signs(node), ""):
                return f"{path}{found}"
            waiting += [(f"{path}{name_in_path(str(name))}.", one) for name, one in node.items() if _is_nested(one)]
        elif isinstance(node, list):
            waiting += [(f"{path.removesuffix('.')}[{place}].", one) for place, one in enumerate(node[:20])]
    return ""


def _signs(node: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(node.get("cursor"), str) and node["cursor"] and any(isinstance(one, list) for one in node.values()):
        yield "cursor"
    for name in _FLAGS:
        if node.get(name) is True:
            yield "endCursor" if name == "hasNextPage" and node.get("endCursor") else name
    for name in _CURSORS:
        if isinstance(node.get(name), str) and node[name]:
            yield name_in_path(name)
    for name in _OBJECTS:
        found = node.get(name)
        if isinstance(found, str) and found.startswith(("http://", "https://", "/")):
            yield name
        elif isinstance(found, Mapping):
            yield from (f"{name}.{inner}" for inner in _INSIDE if isinstance(found.get(inner), str) and found[inner])


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list))
