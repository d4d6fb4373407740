"""Every GraphQL query against GitHub's own schema."""

from __future__ import annotations

import gzip
from pathlib import Path

import graphql
import pytest

from tests.github.asking import WINDOW
from trender_assets.github.documents import fragments
from trender_assets.trending.reading.fields import (
    FollowUps,
    blob,
    commit_page,
    commit_slice,
    folder_at,
    issue_page,
)
from trender_assets.trending.reading.first_pass import FirstPass, Wanted


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> graphql.GraphQLSchema:
    with gzip.open(
        shared_data / "specs" / "github.schema.graphql.gz", "rt", encoding="utf-8"
    ) as file:
        return graphql.build_schema(file.read(), assume_valid=True)


def test_every_query_is_valid_against_githubs_schema(schema: graphql.GraphQLSchema) -> None:
    """Every fragment is used by a query that GitHub's real schema accepts, and asks for its cost."""
    fields = [
        blob("R_1", "a" * 40),
        commit_page("R_1", WINDOW.since, WINDOW.until, "c"),
        commit_slice("R_1", WINDOW.since, WINDOW.until),
        folder_at("R_1", "docs"),
        issue_page("R_2", WINDOW.since, "c"),
    ]
    texts = [
        FollowUps().request(fields)[0],
        *(FollowUps().request([field])[0] for field in fields),
        *(
            FirstPass(WINDOW, with_texts=with_texts).request(
                [Wanted("R_1", paths=("apps/web/package.json", "readme.rst")), Wanted("R_2")]
            )[0]
            for with_texts in (True, False)
        ),
    ]
    used = set()
    for text in texts:
        document = graphql.parse(text)
        assert graphql.validate(schema, document) == []
        assert "rateLimit { cost remaining resetAt nodeCount }" in text
        used |= {
            d.name.value
            for d in document.definitions
            if isinstance(d, graphql.FragmentDefinitionNode)
        }
    assert used == {*fragments(), "Listings"}
