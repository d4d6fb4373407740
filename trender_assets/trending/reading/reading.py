"""What one run learnt of one repository.

Define here which answers make up a reading. How they are obtained belongs to `repositories`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trender_assets.github.answers import Answer
from trender_assets.trending.reading.activity import MetricReading
from trender_assets.trending.reading.files import Files


@dataclass(frozen=True)
class RepositoryReading:
    """One repository as read in one run.

    Attributes:
        candidate_id: The node id that was asked for.
        repo_id: GitHub's numeric id; None when GitHub did not tell.
        full_name: Its present name, or the candidate's when GitHub did not tell.
        core: The raw layer's ``api_response``.
        commits: Commits of the window; so are `contributors` and `issues`.
        issues: Closed issues that were updated in the window.
        contributors: Commits with their authors.
        files: All files in the raw layer's shape; None when nothing changed or was asked.
        fetched_at: When the first pass answered (UTC).
    """

    candidate_id: str
    repo_id: int | None
    full_name: str
    core: Answer[dict[str, Any]]
    commits: Answer[MetricReading]
    issues: Answer[MetricReading]
    contributors: Answer[MetricReading]
    files: Answer[Files] | None
    fetched_at: datetime
