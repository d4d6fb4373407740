{#- How good our own data about a repository is, each dimension from 0 to 1. Never a judgement of
    the repository: zero stars or no description is an answer, not a gap. They read the row
    `observation`, and of `repository` which fields GitHub sent. -#}

{% macro nullable_fields_known() -%}
    {#- How many of the fields that may be null GitHub sent at all. -#}
    num_nonnulls(
        nullif(repository.has_texts, false),
        nullif(repository.has_language, false),
        nullif(repository.has_license, false),
        nullif(repository.has_topics, false),
        nullif(repository.has_default_branch, false),
        nullif(repository.has_pushed_at, false)
    )
{%- endmacro %}

{% macro dq_completeness() -%}
    {#- What is known, of what was asked. -#}
    (
        num_nonnulls(
            observation.repo_full_name, observation.repo_url, observation.created_at,
            observation.updated_at, observation.stars, observation.forks,
            observation.watchers, observation.open_issues
        )
        + observation.nullable_fields_known
        + observation.commits_known::integer
        + observation.issues_known::integer
        + observation.contributors_known::integer
        + (observation.stars_retained_7d is not null)::integer
        + (observation.blueprint_status <> 'unknown')::integer
    )::float8 / (
        14
        + observation.commits_asked::integer
        + observation.issues_asked::integer
        + observation.contributors_asked::integer
        + (observation.stars_asked or observation.stars_retained_7d is not null)::integer
        + (observation.files_asked or observation.blueprint_status <> 'unknown')::integer
    )
{%- endmacro %}

{% macro dq_validity() -%}
    {#- What is possible: of a form GitHub gives, and in an order that time allows. -#}
    (
        coalesce(
            observation.repo_full_name ~ '^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$', false
        )::integer
        + coalesce(
            right(lower(observation.repo_url), length(observation.repo_full_name))
            = lower(observation.repo_full_name), false
        )::integer
        + (
            observation.homepage_url is null or observation.homepage_url !~* '^[a-z]+:'
            or observation.homepage_url ~* '^https?://'
        )::integer
        + coalesce(observation.created_at <= observation.as_of, false)::integer
        + coalesce(observation.updated_at >= observation.created_at, false)::integer
        + coalesce(
            observation.updated_at <= observation.as_of + interval '1 day', false
        )::integer
        + (
            observation.pushed_at is null
            or observation.pushed_at <= observation.as_of + interval '1 day'
        )::integer
        + coalesce(observation.stars >= 0, false)::integer
        + coalesce(observation.forks >= 0, false)::integer
        + coalesce(cardinality(observation.topics) <= 20, false)::integer
    )::float8 / 10
{%- endmacro %}

{% macro dq_timeliness() -%}
    {#- How current our own answers are, each against the age its use allows. -#}
    (
        (observation.fetched_at <= observation.as_of + interval '3 hours')::integer
        + observation.commits_known::integer
        + observation.issues_known::integer
        + observation.contributors_known::integer
        + (observation.star_history_raw_id is not null)::integer
    )::float8 / (
        1
        + observation.commits_asked::integer
        + observation.issues_asked::integer
        + observation.contributors_asked::integer
        + observation.stars_asked::integer
    )
{%- endmacro %}
