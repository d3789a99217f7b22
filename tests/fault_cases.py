"""What any service over HTTP may answer, by name: attributes of the sandbox's `Fault`."""

from typing import Any

HTML = {"Content-Type": "text/html"}

PASSING: dict[str, dict[str, Any]] = {
    "429 without Retry-After": {"status": 429, "body": {"message": "later"}},
    "429 with Retry-After": {"status": 429, "headers": {"Retry-After": "7"}},
    "429 with a date": {"status": 429, "headers": {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}},
    "429 with an odd Retry-After": {"status": 429, "headers": {"Retry-After": "soon"}},
    "500": {"status": 500, "body": b""},
    "502": {"status": 502, "body": b"<html>Bad Gateway</html>", "headers": HTML},
    "503": {"status": 503, "body": {"message": "busy"}},
    "504": {"status": 504, "body": b"<html>", "headers": HTML},
    "reset before the body": {"status": 200, "body": b"[]" * 99, "cut": 0},
    "reset in the body": {"status": 200, "body": b'[{"n": 1}, {"n": 2}]' * 99, "cut": 7},
}
UNREADABLE: dict[str, dict[str, Any]] = {
    "truncated JSON": {"status": 200, "body": b'{"total_count": 1, "valueRanges": [{"range": "S!A1", "val'},
    "HTML with 200": {"status": 200, "body": b"<html>log in</html>", "headers": HTML},
    "nothing with 200": {"status": 200, "body": b""},
    "another JSON": {"status": 200, "body": {"total_count": None, "valueRanges": [{}], "next": "/2"}},
    "a cell that is none": {
        "status": 200,
        "body": {
            "total_count": 1,
            "workflow_runs": [{"id": [1], "repository": {"full_name": "o/r"}}],
            "valueRanges": [{"range": "S!A1", "values": [[{"a": 1}]]}],
            "has_more": True,
        },
    },
    "a list of oddities": {"status": 200, "body": b'{"valueRanges": [{"range": "S!A1", "values": 3}], "more": true}'},
}
FINAL: dict[str, dict[str, Any]] = {
    "401": {"status": 401, "body": {"message": "Bad credentials"}},
    "403": {"status": 403, "body": {"message": "no"}},
    "404": {"status": 404, "body": b"<html>", "headers": HTML},
    "302 to another host": {"status": 302, "headers": {"Location": "http://nowhere.invalid/"}},
}

REFUSED_WRITES = (
    "429 without Retry-After",
    "429 with Retry-After",
    "429 with a date",
    "429 with an odd Retry-After",
    *FINAL,
)
"""After these nobody has to ask whether a write arrived: it was refused."""
