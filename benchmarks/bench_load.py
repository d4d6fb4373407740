"""What landing costs beside writing the same documents without any care.

Run `python benchmarks/bench_load.py [--documents N] [--rounds N] [--quick]`: `warehouse.load.land`
(deduplicates, logs every attempt, one transaction) against a plain COPY append of the same rows
into the same table and against INSERT row by row, interleaved, on a server of its own.
What landing does belongs to `warehouse.load`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import psycopg
from machinery import database
from tables import show, spread

from trender_assets.raw.load import land
from trender_assets.raw.rows import Attempt, Payload, SourceBatch, seal
from trender_assets.warehouse.connect import connect

AS_OF = datetime(2026, 11, 25, 12, tzinfo=UTC)
DOCUMENT_BYTES = 17_900  # as measured in an earlier study
WORDS = (
    "deploy",
    "service",
    "render",
    "trend",
    "star",
    "commit",
    "issue",
    "python",
    "cache",
    "queue",
)
COLUMNS = (
    "source, source_type, source_language, repo_id, node_id, repo_full_name, api_response, "
    "payload_sha256, payload_bytes, fetch_timestamp, run_id"
)


def main() -> int:
    """Run the benchmark and print its table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=400)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--quick", action="store_true", help="100 documents, 3 rounds")
    arguments = options.parse_args()
    if arguments.quick:
        arguments.documents, arguments.rounds = 100, 3
    chance = random.Random(7)
    seconds: dict[str, list[float]] = {}
    with database() as base, connect(base.url) as connection:
        ways: dict[str, Callable[[psycopg.Connection, list[Payload], int], None]] = {
            "plain COPY append": copy_append,
            "trender: land, every document new": landed,
            "INSERT row by row, a commit each": row_by_row,
        }
        for number in range(arguments.rounds + 1):
            payloads = documents(chance, arguments.documents, number)
            for name, way in ways.items():
                connection.execute("truncate raw.raw_github_repos, raw.fetch_log")
                connection.commit()
                begun = time.perf_counter()
                way(connection, payloads, number)
                took = time.perf_counter() - begun
                if number:  # the first round warms the server up
                    seconds.setdefault(name, []).append(took)
            # What landing is for: the same answer again adds no row.
            landed(connection, payloads, number)
            begun = time.perf_counter()
            landed(connection, payloads, number)
            if number:
                name = "trender: land, nothing changed"
                seconds.setdefault(name, []).append(time.perf_counter() - begun)
            rows = connection.execute("select count(*) from raw.raw_github_repos").fetchone()
            assert rows == (arguments.documents,), rows
            connection.commit()
    plain = median(seconds["plain COPY append"])
    show(
        f"Landing {arguments.documents} documents of {DOCUMENT_BYTES / 1000:.1f} KB, "
        f"n = {arguments.rounds}, interleaved",
        ("way", "ms min / median / max", "rows/s", "× plain COPY"),
        [
            (
                name,
                spread([value * 1000 for value in values], 0),
                round(arguments.documents / median(values)),
                median(values) / plain,
            )
            for name, values in seconds.items()
        ],
    )
    return 0


def documents(chance: random.Random, count: int, number: int) -> list[Payload]:
    """Documents of GitHub's shape that compress about as well as real ones."""
    made = []
    for repo_id in range(count):
        text = " ".join(
            f"{chance.choice(WORDS)}{chance.randrange(10_000)}" for _ in range(DOCUMENT_BYTES // 11)
        )
        made.append(
            seal(
                {
                    "databaseId": repo_id,
                    "stargazerCount": number * 1000 + chance.randrange(1000),
                    "nameWithOwner": f"owner/repository-{repo_id}",
                    "readme": text[:DOCUMENT_BYTES],
                    "topics": [chance.choice(WORDS) for _ in range(10)],
                }
            )
        )
    return made


def landed(connection: psycopg.Connection, payloads: list[Payload], number: int) -> None:
    """Trender's way."""
    land(
        connection,
        SourceBatch(
            run_id=f"run-{number}",
            as_of=AS_OF,
            source="python",
            source_type="trending",
            source_language="Python",
            attempts=tuple(
                Attempt(
                    stream="repos",
                    repo_id=repo_id,
                    repo_full_name=f"owner/repository-{repo_id}",
                    node_id=f"R_{repo_id}",
                    outcome="found",
                    payload=payload,
                    fetched_at=AS_OF,
                )
                for repo_id, payload in enumerate(payloads)
            ),
        ),
    )


def copy_append(connection: psycopg.Connection, payloads: list[Payload], number: int) -> None:
    """Append without looking, without a log."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy raw.raw_github_repos ({COLUMNS}) from stdin") as copy,
    ):
        for row in rows_of(payloads, number):
            copy.write_row(row)
    connection.commit()


def row_by_row(connection: psycopg.Connection, payloads: list[Payload], number: int) -> None:
    """An INSERT and a commit for each document."""
    marks = ", ".join(["%s"] * 11)
    for row in rows_of(payloads, number):
        connection.execute(f"insert into raw.raw_github_repos ({COLUMNS}) values ({marks})", row)
        connection.commit()


def rows_of(payloads: list[Payload], number: int) -> list[tuple[object, ...]]:
    """The rows as the table has them."""
    return [
        (
            "python", "trending", "Python", repo_id, f"R_{repo_id}",
            f"owner/repository-{repo_id}", payload.json_text, payload.sha256, payload.exact,
            AS_OF, f"run-{number}",
        )
        for repo_id, payload in enumerate(payloads)
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
