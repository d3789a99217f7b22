"""Links and redirects never leave a connection's address, however they are written."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.addresses import followed, is_below, joined

BASE = "https://api.example/v2/shop"
HERE = f"{BASE}/orders?page=1"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/v2/shop/orders?page=2", f"{BASE}/orders?page=2"),
        ("?page=2", f"{BASE}/orders?page=2"),
        ("items", f"{BASE}/items"),
        (f"{BASE}/items#x", f"{BASE}/items"),
        ("https://API.example:443/v2/shop/x", "https://API.example:443/v2/shop/x"),
        ("/v2/shop/../shop/x", f"{BASE}/x"),
        ("/v2/shop/a/%2e%2e/b", f"{BASE}/a/%2e%2e/b"),
        ("/v2/shop", BASE),
        ("/v2/shop/x?to=../../..", f"{BASE}/x?to=../../.."),
    ],
)
def test_a_link_below(link: str, address: str) -> None:
    assert followed(BASE, HERE, link) == address


@pytest.mark.parametrize(
    "link",
    [
        "http://api.example/v2/shop/x", "https://api.example:444/v2/shop/x", "https://evil.example/v2/shop/x",
        "//evil.example/v2/shop/x", "https://api.example@evil.example/v2/shop", "https://u:p@api.example/v2/shop/x",
        "https://api.example.evil.example/v2/shop/x", "/v2", "/v2/shopping", "/v2/other", "/", "/v2/shop/../other",
        "/v2/shop/%2e%2e/other", "/v2/shop/%2E./other", "/v2/shop/%252e%252e/other", "/v2/shop/..%2fother",
        "/v2/shop/..%5cother", "/v2/shop\\..\\other", "\\\\evil.example\\x", "/v2/shop/%5c..%5cother", "/v2/%73hop/x",
        "/v2/shop/a/%2e%2e/%2e%2e/x", "/v2/shop/x%0d%0aHost:evil", "/v2/shop/x\n", "javascript:alert(1)", "https://[",
        "https://api.example:99999999/v2/shop", "/v2/shop/%" + "25" * 40 + "2e",
    ],
)  # fmt: skip
def test_a_link_that_leads_away(link: str) -> None:
    assert followed(BASE, HERE, link) is None


def resolved(path: str) -> list[str]:
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return parts


PIECES = [
    "..",
    "%2e",
    ".",
    "%2F",
    "/",
    "\\",
    "%5c",
    "%252e",
    "%25",
    "v2",
    "shop",
    "x",
    "?",
    "#",
    "@",
    ":",
    "//",
    "evil.example",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_link_leaves(link: str) -> None:
    for written in (link, f"/v2/shop/{link}", f"https://api.example/v2/shop{link}"):
        address = followed(BASE, HERE, written)
        if address is None:
            continue
        parts = urlsplit(address)
        assert (parts.scheme, parts.hostname, parts.port or 443) == ("https", "api.example", 443)
        assert "@" not in parts.netloc
        path = parts.path
        for _ in range(10):
            assert resolved(path)[:2] == ["v2", "shop"]
            path = unquote(path)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_path_of_a_measure_leaves(path: str) -> None:
    if not is_below(path):
        return
    address = joined(BASE, path)
    parts = urlsplit(address)
    assert parts.netloc == "api.example"
    route = parts.path
    for _ in range(10):
        assert ".." not in route.replace("\\", "/").split("/")
        assert route.startswith("/v2/shop")
        route = unquote(route)
