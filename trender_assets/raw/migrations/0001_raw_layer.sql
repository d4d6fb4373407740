-- The raw layer: what GitHub said, append-only. A row is added when a payload
-- changed; the fetch log gets a row for every attempt. Exact bytes are kept
-- beside the cleaned jsonb wherever cleaning changed the text.

create schema if not exists raw;
create schema if not exists staging;
create schema if not exists analytics;

create table raw.raw_github_repos (
    id bigint generated always as identity primary key,
    source text not null,
    source_type text not null check (source_type in ('trending', 'render_ecosystem')),
    source_language text,
    repo_id bigint not null,
    node_id text not null,
    repo_full_name text not null,
    api_response jsonb not null,
    payload_sha256 text not null,
    payload_bytes bytea,
    fetch_timestamp timestamptz not null,
    run_id text not null
);
comment on table raw.raw_github_repos is
'GitHub''s GraphQL Repository object, one row per repository and changed payload.';
create index raw_github_repos_latest on raw.raw_github_repos (repo_id, id desc);
create index raw_github_repos_name on raw.raw_github_repos (lower(repo_full_name));
create index raw_github_repos_fetch on raw.raw_github_repos (fetch_timestamp);

create table raw.raw_repo_metrics (
    id bigint generated always as identity primary key,
    source text not null,
    repo_id bigint not null,
    repo_full_name text not null,
    metric_type text not null check (metric_type in ('commits', 'issues', 'contributors')),
    metric_data jsonb not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    is_truncated boolean not null default false,
    payload_sha256 text not null,
    payload_bytes bytea,
    fetch_timestamp timestamptz not null,
    run_id text not null
);
comment on table raw.raw_repo_metrics is
'Commits, closed issues and commit authors of the last 7 days as GitHub listed them, '
'one row per repository, metric and changed payload.';
create index raw_repo_metrics_latest on raw.raw_repo_metrics (repo_id, metric_type, id desc);

create table raw.raw_star_history (
    id bigint generated always as identity primary key,
    source text not null,
    repo_id bigint not null,
    repo_full_name text not null,
    weeks jsonb not null,
    payload_sha256 text not null,
    payload_bytes bytea,
    fetch_timestamp timestamptz not null,
    run_id text not null
);
comment on table raw.raw_star_history is
'Weekly buckets of GET /repos/{owner}/{repo}/stargazers/history, one row per repository '
'and changed payload.';
create index raw_star_history_latest on raw.raw_star_history (repo_id, id desc);

create table raw.raw_repo_files (
    id bigint generated always as identity primary key,
    source text not null,
    repo_id bigint not null,
    repo_full_name text not null,
    files jsonb not null,
    payload_sha256 text not null,
    payload_bytes bytea,
    fetch_timestamp timestamptz not null,
    run_id text not null
);
comment on table raw.raw_repo_files is
'The files Trender reads (Blueprint, manifests, Dockerfile, README): path to '
'{status, oid, byteSize, text, reason}, one row per repository and changed set.';
create index raw_repo_files_latest on raw.raw_repo_files (repo_id, id desc);

create table raw.raw_discovery_queries (
    id bigint generated always as identity primary key,
    run_id text not null,
    source text not null,
    query_name text not null,
    endpoint text not null,
    query text not null,
    outcome text not null check (outcome in ('found', 'absent', 'unknown')),
    reason text,
    total_count bigint,
    items_seen integer not null default 0,
    pages integer not null default 0,
    incomplete_results boolean not null default false,
    is_capped boolean not null default false,
    as_of timestamptz not null,
    fetched_at timestamptz not null
);
comment on table raw.raw_discovery_queries is
'Each discovery query of each run with its counts: how candidates were found.';
create index raw_discovery_queries_run on raw.raw_discovery_queries (run_id);

create table raw.fetch_log (
    id bigint generated always as identity primary key,
    run_id text not null,
    stream text not null check (
        stream in ('repos', 'commits', 'issues', 'contributors', 'files', 'stars')
    ),
    source text not null,
    repo_id bigint,
    repo_full_name text not null,
    outcome text not null check (outcome in ('found', 'absent', 'unknown')),
    reason text,
    raw_id bigint,
    discovered_by text[] not null default '{}',
    as_of timestamptz not null,
    fetched_at timestamptz not null,
    loaded_at timestamptz not null default clock_timestamp()
);
comment on table raw.fetch_log is
'Every attempt to read something, whether it changed or not: found, absent or unknown. '
'raw_id names the row of the stream''s raw table that held the answer.';
create index fetch_log_repo on raw.fetch_log (repo_id, stream, as_of desc);
create index fetch_log_as_of on raw.fetch_log (stream, as_of);
create index fetch_log_run on raw.fetch_log (run_id);

create table raw.raw_quarantine (
    id bigint generated always as identity primary key,
    run_id text not null,
    source text not null,
    stream text not null,
    repo_id bigint,
    repo_full_name text,
    reason text not null,
    payload bytea,
    as_of timestamptz not null,
    fetched_at timestamptz not null
);
comment on table raw.raw_quarantine is
'Answers that could not be read as what they should be, with the reason.';

create table raw.api_usage (
    id bigint generated always as identity primary key,
    run_id text not null,
    asset text not null,
    as_of timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    report jsonb not null
);
comment on table raw.api_usage is
'What a run asked of GitHub: requests and points by resource, waits, retries, 304s, '
'batches split, seconds per source.';
create index api_usage_run on raw.api_usage (run_id);

create table raw.http_cache (
    key text primary key,
    etag text,
    last_modified text,
    link text,
    body bytea not null,
    status integer not null,
    fetched_at timestamptz not null
);
comment on table raw.http_cache is
'Answers with their ETag and Link, so that an unchanged answer costs nothing.';

create table staging.repo_file_findings (
    raw_file_id bigint primary key references raw.raw_repo_files (id) on delete cascade,
    repo_id bigint not null,
    detector_version integer not null,
    blueprint jsonb not null,
    nextjs jsonb not null,
    deployment jsonb not null,
    fetch_timestamp timestamptz not null
);
comment on table staging.repo_file_findings is
'What a repository''s files say: Blueprint, Next.js verdict, deployment hints; one row per '
'raw_repo_files row, a pure function of it.';
create index repo_file_findings_repo on staging.repo_file_findings (repo_id, raw_file_id desc);

create table analytics.fact_workflow_executions (
    execution_id bigint generated always as identity primary key,
    run_id text not null unique,
    job_name text not null,
    status text not null check (status in ('success', 'failure', 'canceled')),
    trigger text not null,
    as_of timestamptz,
    execution_date timestamptz not null,
    finished_at timestamptz not null,
    total_duration_seconds double precision not null,
    repos_processed integer,
    tasks_executed integer not null,
    tasks_succeeded integer not null,
    tasks_failed integer not null,
    tasks_retried integer not null,
    parallel_speedup_factor double precision,
    sequential_seconds double precision,
    languages_processed text[] not null default '{}',
    streams_processed text[] not null default '{}',
    streams_failed text[] not null default '{}',
    rows_raw bigint,
    rows_staging bigint,
    rows_facts bigint,
    api_requests integer,
    api_points integer,
    steps jsonb not null default '[]',
    api_report jsonb,
    error_details jsonb,
    success_rate double precision,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table analytics.fact_workflow_executions is
'One row per finished run: true duration, steps, retries, measured speed-up, API cost.';
create index fact_workflow_executions_date
on analytics.fact_workflow_executions (execution_date desc);
