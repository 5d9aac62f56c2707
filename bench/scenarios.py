"""The scenarios: a request each, and what has to come back.

A peer that answers wrongly is not measured, so that nobody is fast by leaving something out.
"""

import json
from dataclasses import dataclass, field, replace

from material import (
    BLOB,
    FILE_NAME,
    GREETING,
    LINES,
    MESSAGE,
    PAIRS_OF_ROUTES,
    ROWS,
    UPLOAD,
    page_template,
)

# What a client sends with each request.
CLIENT = [
    ("host", "127.0.0.1:8000"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) costrel-bench/1"),
    ("accept", "*/*"),
    ("accept-encoding", "gzip, deflate"),
    ("connection", "keep-alive"),
]
FIELDS = b"name=Grace+Hopper&mail=grace%40example.org&place=New+York&born=1906&note=A+ship+in+port"
EDGE = "costrel-bench-7b1f"
# What a server hands over of a body at a time.
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Scenario:
    """One request and its answer.

    :param app: which of a peer's apps serves it.
    :param follows: what to take from a first answer into the request: "cookie" or "validators".
    """

    path: str
    query: str = ""
    method: str = "GET"
    body: bytes = b""
    content_type: str = ""
    app: str = "main"
    status: int = 200
    text: bytes | None = None
    json: object = None
    header: tuple[str, str] | None = None
    follows: str = ""
    headers: list[tuple[str, str]] = field(default_factory=lambda: list(CLIENT))

    def chunks(self) -> list[bytes]:
        """Cut the body as it arrives."""
        return [self.body[at : at + CHUNK] for at in range(0, len(self.body), CHUNK)]

    def check(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Fail unless this is the answer."""
        wanted = (self.status, self.text if self.text is not None else body)
        if (status, body) != wanted:
            raise AssertionError(f"{self.path}: wanted {wanted}, got {status} {body[:300]!r}")
        if self.json is not None and (
            json.loads(body) != self.json or "json" not in headers.get("content-type", "")
        ):
            raise AssertionError(f"{self.path}: wanted {self.json}, got {body[:300]!r}")
        if self.status == 200 and "content-type" not in headers:
            raise AssertionError(f"{self.path}: no Content-Type among {headers}")
        if self.header and headers.get(self.header[0]) != self.header[1]:
            raise AssertionError(f"{self.path}: wanted {self.header} among {headers}")

    def followed(self, headers: dict[str, str]) -> "Scenario":
        """The same with what a first answer told the client: its cookie, or its validators."""
        if self.follows == "cookie":
            cookie = headers["set-cookie"].partition(";")[0]
            return replace(self, text=b"2", headers=[*self.headers, ("cookie", cookie)])
        pairs = {"etag": "if-none-match", "last-modified": "if-modified-since"}
        known = [(pairs[name], headers[name]) for name in pairs if name in headers]
        return replace(self, status=304, text=b"", headers=[*self.headers, *known])


def upload_body() -> bytes:
    """Two fields and a file of 1 MiB as multipart/form-data."""
    lines = []
    for name, value in (("title", b"A title"), ("note", b"A note"), ("file", UPLOAD)):
        disposition = f'Content-Disposition: form-data; name="{name}"'
        if name == "file":
            disposition += '; filename="blob.bin"\r\nContent-Type: application/octet-stream'
        lines.append(f"--{EDGE}\r\n{disposition}\r\n\r\n".encode() + value)
    return b"\r\n".join(lines) + f"\r\n--{EDGE}--\r\n".encode()


def scenarios() -> dict[str, Scenario]:
    """Make all scenarios, in the order of the table."""
    page = page_template().render(rows=ROWS).encode()
    last = PAIRS_OF_ROUTES - 1
    return {
        "hello": Scenario("/", text=GREETING.encode()),
        "json": Scenario("/json", json=MESSAGE),
        "params": Scenario(
            "/users/42/posts/a-post",
            "q=search&page=2",
            json={"user": 42, "post": "a-post", "q": "search", "page": 2},
        ),
        "form": Scenario(
            "/form",
            method="POST",
            body=FIELDS,
            content_type="application/x-www-form-urlencoded",
            text=b"Grace Hopper",
        ),
        "upload": Scenario(
            "/upload",
            method="POST",
            body=upload_body(),
            content_type=f"multipart/form-data; boundary={EDGE}",
            text=str(len(UPLOAD)).encode(),
        ),
        "template": Scenario("/rows", text=page),
        "session": Scenario("/count", app="session", text=b"1", follows="cookie"),
        "routes_mid": Scenario(f"/thing{last // 2}/7/show", app="routes", text=b"7"),
        "routes_last": Scenario(f"/thing{last}/7/show", app="routes", text=b"7"),
        "notfound": Scenario("/there/is/nothing/here", status=404),
        "hooks": Scenario("/", app="hooks", text=b"grace", header=("x-hook", "ran")),
        "errors": Scenario("/refused", status=418, json={"error": "refused"}),
        "static": Scenario(f"/static/{FILE_NAME}", text=BLOB),
        "static304": Scenario(f"/static/{FILE_NAME}", text=BLOB, follows="validators"),
        "stream": Scenario("/lines", text="".join(LINES).encode()),
    }
