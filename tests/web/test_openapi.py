"""The OpenAPI description: its examples work, and fuzzing it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from tests.web.serving import serving
from trender_web.config import WebConfig


async def test_every_operation_has_an_example_that_works(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.") and len(document["paths"]) >= 12
    for path, operations in document["paths"].items():
        ((method, operation),) = operations.items()
        assert method == "get"
        assert set(operation["responses"]) >= {"200", "404", "405", "422", "429", "500", "503"}
        address, query = path, {}
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                example = parameter.get("example") or parameter["schema"].get("enum", [None])[0]
                if example is None:
                    break  # a picture that a weekly asset made: there is none in a fresh world
                address = address.replace(f"{{{parameter['name']}}}", str(example))
            elif "example" in parameter:
                query[parameter["name"]] = parameter["example"]
        if "{" in address or address.startswith("/card/"):
            continue
        answer = await client.get(address, params=query)
        assert answer.status_code == 200, (path, answer.text[:300])


async def test_languages_are_an_enumeration(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    parameters = document["paths"]["/trending.json"]["get"]["parameters"]
    (lang,) = [item for item in parameters if item["name"] == "lang"]
    assert "typescript" in str(lang["schema"])


@pytest.fixture(scope="module")
def served(web: Callable[..., WebConfig]) -> Iterator[str]:
    """The app behind a real server, which sees what a client library would not send."""
    with serving(web(version_seconds=5.0, uncached_per_minute=1_000_000)) as address:
        yield address


@pytest.mark.slow
def test_schemathesis_finds_nothing(served: str) -> None:
    """The whole OpenAPI fuzzed with every check: no failure, no 5xx."""
    schema = schemathesis.openapi.from_url(f"{served}/openapi.json")
    count = 0
    failures: dict[str, str] = {}
    for operation in schema.get_all_operations():
        api = operation.ok()

        @settings(
            max_examples=16, deadline=None, suppress_health_check=list(HealthCheck), database=None,
            derandomize=True, phases=[Phase.generate],
        )  # fmt: skip
        @given(_requests(api))
        def fuzz(case) -> None:
            nonlocal count
            count += 1
            case.call_and_validate(base_url=served)

        try:
            fuzz()
        except BaseException as error:
            failures[api.label] = str(error)
    assert not failures, "\n\n".join(f"{label}: {text[:900]}" for label, text in failures.items())
    assert count >= 200


def _requests(api):
    """Valid requests, and where there is something to get wrong, wrong ones."""
    valid = api.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (api.query or api.path_parameters):
        return valid
    return st.one_of(valid, api.as_strategy(generation_mode=GenerationMode.NEGATIVE))
