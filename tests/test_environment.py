"""Proxies and certificates that the environment names."""

import pytest

from connectors.environment import certificates, proxy_of

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({}, "https://shop.example", None),
        ({"HTTPS_PROXY": PROXY}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY}, "http://127.0.0.1", None),
        ({"ALL_PROXY": PROXY}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "https://shop.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "a.test, shop.example"}, "https://shop.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".example"}, "https://shop.example:8443/x", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example:8443"}, "https://shop.example:8443", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example:8443"}, "https://shop.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "shop.example"}, "https://me:pass@shop.example", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example"}, "https://shop.example.test", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "a.test,10.0.0.0/8"}, "https://10.1.2.3:9090", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "fd00::/8"}, "https://[fd00::1]:9090", None),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.1,localhost,::1"}, "http://[::1]:9090", None),
    ],
)
def test_the_proxy_of_an_address(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, expected: str | None
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == expected


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for one in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(name, "/none.pem")
    with pytest.raises(OSError, match="No such file"):
        certificates()
