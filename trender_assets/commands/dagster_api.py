"""A running Dagster's GraphQL API, as far as `trender trigger` needs it.

Define here how a run is started and watched from outside. The job itself is defined in
`automation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from trender_assets.commands.failures import UPSTREAM, CommandFailure

JOB = "hourly_refresh"
ACTIVE = ["QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"]
TIMEOUT_SECONDS = 20.0

REPOSITORIES = """
query { repositoriesOrError {
  __typename
  ... on RepositoryConnection { nodes { name location { name } jobs { name } } }
  ... on PythonError { message }
} }
"""
RUNS = """
query($filter: RunsFilter!) { runsOrError(filter: $filter, limit: 10) {
  __typename
  ... on Runs { results { runId status } }
  ... on PythonError { message }
  ... on InvalidPipelineRunsFilterError { message }
} }
"""
RUN = """
query($id: ID!) { runOrError(runId: $id) {
  __typename
  ... on Run { runId status startTime endTime }
  ... on RunNotFoundError { message }
  ... on PythonError { message }
} }
"""
LAUNCH = """
mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename
  ... on LaunchRunSuccess { run { runId status } }
  ... on PythonError { message }
  ... on UnauthorizedError { message }
  ... on PipelineNotFoundError { message }
  ... on ConflictingExecutionParamsError { message }
  ... on RunConfigValidationInvalid { errors { message } }
} }
"""


@dataclass(frozen=True)
class Run:
    """A run as Dagster shows it; times are epoch seconds (UTC)."""

    run_id: str
    status: str
    started: float | None = None
    ended: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ended, one way or another."""
        return self.status not in ACTIVE


class Dagster:
    """One Dagster webserver."""

    def __init__(self, address: str, transport: httpx.BaseTransport | None = None) -> None:
        self.address = address.rstrip("/")
        self.http = httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False)

    def find_job(self) -> dict[str, str]:
        """The selector of the hourly job.

        Raises:
            CommandFailure: When the code location is not loaded.
        """
        answer = self._ask(REPOSITORIES, {})["repositoriesOrError"]
        for node in answer.get("nodes", ()):
            if any(job["name"] == JOB for job in node["jobs"]):
                return {
                    "repositoryLocationName": node["location"]["name"],
                    "repositoryName": node["name"],
                    "jobName": JOB,
                }
        raise CommandFailure(
            f"Dagster at {self.address} has no job {JOB}: "
            f"{answer.get('message') or 'its code location is not loaded'}. "
            "Look at its Deployment page, or start it with `trender dev`.",
            UPSTREAM,
        )

    def active_run(self) -> Run | None:
        """The hourly job's run that is queued or going on, if there is one."""
        answer = self._ask(RUNS, {"filter": {"pipelineName": JOB, "statuses": ACTIVE}})
        results = answer["runsOrError"].get("results", ())
        return Run(results[0]["runId"], results[0]["status"]) if results else None

    def launch(self, selector: dict[str, str], tags: dict[str, str]) -> Run:
        """Start the job.

        Raises:
            CommandFailure: When Dagster refuses.
        """
        answer = self._ask(
            LAUNCH,
            {
                "params": {
                    "selector": selector,
                    "runConfigData": {},
                    "executionMetadata": {
                        "tags": [{"key": key, "value": value} for key, value in tags.items()]
                    },
                }
            },
        )["launchRun"]
        run = answer.get("run")
        if run is None:
            problems = answer.get("message") or "; ".join(
                error["message"] for error in answer.get("errors", ())
            )
            raise CommandFailure(
                f"Dagster did not start {JOB}: {problems or answer['__typename']}", UPSTREAM
            )
        return Run(run["runId"], run["status"])

    def run(self, run_id: str) -> Run:
        """What is known of a run.

        Raises:
            CommandFailure: When there is no such run.
        """
        answer = self._ask(RUN, {"id": run_id})["runOrError"]
        if answer["__typename"] != "Run":
            raise CommandFailure(f"Dagster lost run {run_id}: {answer.get('message')}", UPSTREAM)
        return Run(answer["runId"], answer["status"], answer["startTime"], answer["endTime"])

    def _ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self.http.post(
                f"{self.address}/graphql", json={"query": query, "variables": variables}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            from trender_assets.github.wire import cause_of

            raise CommandFailure(
                f"No Dagster answers at {self.address} ({cause_of(error)}). Start it with "
                "`trender dev`, or set TRENDER_DAGSTER_URL to where it runs.",
                UPSTREAM,
            ) from None
        try:
            body = answer.json()
        except ValueError:
            raise CommandFailure(
                f"What answers at {self.address} is not Dagster (HTTP {answer.status_code}); "
                "set TRENDER_DAGSTER_URL.",
                UPSTREAM,
            ) from None
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            errors = body.get("errors") if isinstance(body, dict) else None
            text = "; ".join(str(error.get("message")) for error in errors or ())
            raise CommandFailure(
                f"Dagster at {self.address} refused the query: {text or 'no data'}", UPSTREAM
            )
        return data
