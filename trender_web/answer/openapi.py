"""The OpenAPI description: what a program may ask, with examples that work.

Define here what all operations share (problem answers) and how examples and allowed values are
taken from the present data. A single operation's parameters are declared where it is answered.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from trender_web.answer.answers import config_of, store_of, to_json
from trender_web.answer.params import tracked_languages
from trender_web.config import VERSION
from trender_web.data.store import Row, StoreUnavailable

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance", "request_id"), TEXT),
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
ENVELOPE = {
    "type": "object",
    "required": ["data", "meta"],
    "properties": {
        "data": {},
        "meta": {
            "type": "object",
            "required": ["data_version", "generated_at", "as_of", "source", "next"],
            "properties": {
                "data_version": TEXT,
                "generated_at": {"type": "string", "format": "date-time"},
                "as_of": {"type": ["string", "null"], "format": "date-time"},
                "source": TEXT,
                "next": {"type": ["string", "null"]},
            },
        },
    },
}
FAILURES = {
    "404": "What was asked for is not there.",
    "405": "Only GET and HEAD are understood.",
    "422": "A parameter is wrong; `errors` names it and what is allowed.",
    "429": "Too many uncached requests; see Retry-After.",
    "500": "The fault is ours.",
    "503": "The data can't be reached; see Retry-After.",
}


def body_of(kind: str, **schema: Any) -> dict[int | str, dict[str, Any]]:
    """What a route's answer is: a text of some media type, unless `schema` says otherwise."""
    return {200: {"content": {kind: {"schema": {"type": "string", **schema}}}}}


CSV_ANSWER = body_of("text/csv")
JSON_ANSWER = body_of("application/json", **ENVELOPE)
SVG_ANSWER = body_of("image/svg+xml")
PNG_ANSWER = body_of("image/png", format="binary")


def install_openapi(app: FastAPI) -> None:
    """Serve `/openapi.json` and an overview of the API for people."""

    @app.api_route("/openapi.json", methods=["GET"], include_in_schema=False)
    def openapi(request: Request) -> Response:
        facts = _facts(request)
        document = describe(app, facts, config_of(request).base_url)
        headers = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}
        return Response(to_json(document), headers=headers, media_type="application/json")


def describe(app: FastAPI, facts: Row, base_url: str) -> dict[str, Any]:
    """The document, with the languages and example repositories of the present data."""
    document = deepcopy(
        get_openapi(
            title="Trender",
            version=VERSION,
            description="What is rising on GitHub, why, and how sure we are. Read-only; no key "
            "is needed. Every answer names its data version and time.",
            routes=app.routes,
            servers=[{"url": base_url}],
        )
    )
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.clear()
    components["Problem"] = PROBLEM
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _finish(path, operation, facts)
    return document


def _finish(path: str, operation: dict[str, Any], facts: Row) -> None:
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    problem: dict[str, Any] = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    if "text/html" in answers.get("200", {}).get("content", {}):
        problem["text/html"] = {"schema": {"type": "string"}}
    for status, text in FAILURES.items():
        answers[status] = {"description": text, "content": problem}
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"] = _tidy(parameter["schema"])
        name = parameter["name"]
        if name == "lang" and facts["languages"]:
            target = schema.get("items", schema)
            target.pop("pattern", None)
            target["enum"] = facts["languages"]
        if name == "name" and "{owner}" not in path:
            continue
        if name in facts["examples"]:
            parameter["example"] = facts["examples"][name]


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Bounds by their JSON Schema names; a query string has no null."""
    choices = [choice for choice in schema.pop("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        schema = {**choices[0], **schema}
    elif choices:
        schema = {**schema, "anyOf": choices}
    names = {"ge": "minimum", "le": "maximum"}
    return {names.get(key, key): value for key, value in schema.items() if value is not None}


def _facts(request: Request) -> Row:
    try:
        return store_of(request).read(_read)
    except StoreUnavailable:
        return {"languages": [], "examples": {}}


def _read(reading: Any) -> Row:
    languages = [row["slug"] for row in tracked_languages(reading)]
    examples: dict[str, Any] = {"lang": next(iter(languages), None), "feed": "trending"}
    leaders = [row["repo_full_name"].split("/", 1) for row in reading.rows("leaders")]
    for prefix, parts in zip(("", "other_"), leaders[:2], strict=False):
        examples |= {f"{prefix}owner": parts[0], f"{prefix}name": parts[1]}
    return {"languages": languages, "examples": {k: v for k, v in examples.items() if v}}
