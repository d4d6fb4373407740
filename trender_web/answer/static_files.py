"""Our own styles, scripts and pictures: served from memory under names that carry their hash.

Define here how a static file is found, named and delivered. Files are read once and only from
the package's folder: no part of a request ever becomes a path.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answer.errors import Problem
from trender_web.serving.cache import accepts_gzip, matches

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class StaticFile:
    """A file of the package, ready to send."""

    hashed: str
    kind: str
    body: bytes
    packed: bytes


@cache
def files() -> dict[str, StaticFile]:
    """Every static file by its plain and by its hashed name."""
    found: dict[str, StaticFile] = {}
    for path in sorted(FOLDER.iterdir()):
        kind = TYPES.get(path.suffix)
        if kind is None:
            continue
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:10]
        hashed = f"{path.stem}.{digest}{path.suffix}"
        packed = gzip.compress(body, 9, mtime=0)
        found[path.name] = found[hashed] = StaticFile(hashed, kind, body, packed)
    return found


def asset_url(name: str) -> str:
    """The address of a static file, with its hash."""
    return f"/static/{files()[name].hashed}"


@router.get("/static/{name}")
async def static_file(name: str, request: Request) -> Response:
    """One static file; a hashed name never changes its content."""
    file = files().get(name)
    if file is None:
        raise Problem(404, "Not found", "There is no such file.")
    is_hashed = name == file.hashed
    age = "public, max-age=31536000, immutable" if is_hashed else "public, max-age=3600"
    headers = {"Cache-Control": age, "ETag": f'"{file.hashed}"', "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match", "").encode(), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    body = file.body
    if len(file.packed) < len(body) and accepts_gzip(
        request.headers.get("accept-encoding", "").encode()
    ):
        headers["Content-Encoding"] = "gzip"
        body = file.packed
    return Response(body, headers=headers, media_type=file.kind)
