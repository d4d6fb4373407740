-- GitHub's Repository object with types; a field that can't be read as its type is NULL.

with source as (
    select * from {{ source('raw', 'raw_github_repos') }}
),

fields as (
    select
        source.id as raw_id,
        source.repo_id,
        source.node_id,
        source.fetch_timestamp,
        payload.*,
        {{ json_object('payload.owner_json') }} as owner_object,
        {{ json_object('payload.release_json') }} as release_object,
        source.api_response ? 'description'
        and source.api_response ? 'homepageUrl' as has_texts,
        source.api_response ? 'primaryLanguage' as has_language,
        source.api_response ? 'licenseInfo' as has_license,
        source.api_response ? 'repositoryTopics' as has_topics,
        source.api_response ? 'defaultBranchRef' as has_default_branch,
        source.api_response ? 'pushedAt' as has_pushed_at
    from source
    cross join lateral (
        select
            field."nameWithOwner" as repo_full_name,
            field."databaseId" as database_id_json,
            field.url as repo_url,
            nullif(btrim(field.description), '') as description,
            nullif(btrim(field."homepageUrl"), '') as homepage_url,
            field."createdAt" as created_at_text,
            field."updatedAt" as updated_at_text,
            field."pushedAt" as pushed_at_text,
            field."isArchived" as is_archived_json,
            field."isDisabled" as is_disabled_json,
            field."isEmpty" as is_empty_json,
            field."isFork" as is_fork_json,
            field."isMirror" as is_mirror_json,
            field."isTemplate" as is_template_json,
            field."stargazerCount" as stars_json,
            field."forkCount" as forks_json,
            field."primaryLanguage" ->> 'name' as primary_language,
            field."licenseInfo" ->> 'spdxId' as license_spdx,
            field.owner as owner_json,
            field.watchers -> 'totalCount' as watchers_json,
            field."openIssues" -> 'totalCount' as open_issues_json,
            field."openPRs" -> 'totalCount' as open_pull_requests_json,
            field."repositoryTopics" -> 'nodes' as topics_json,
            field.releases as release_json,
            field."defaultBranchRef" ->> 'name' as default_branch
        from jsonb_to_record({{ json_object('source.api_response') }}) as field (
            "nameWithOwner" text,
            "databaseId" jsonb,
            url text,
            description text,
            "homepageUrl" text,
            "createdAt" text,
            "updatedAt" text,
            "pushedAt" text,
            "isArchived" jsonb,
            "isDisabled" jsonb,
            "isEmpty" jsonb,
            "isFork" jsonb,
            "isMirror" jsonb,
            "isTemplate" jsonb,
            "stargazerCount" jsonb,
            "forkCount" jsonb,
            "primaryLanguage" jsonb,
            "licenseInfo" jsonb,
            owner jsonb,
            watchers jsonb,
            "openIssues" jsonb,
            "openPRs" jsonb,
            "repositoryTopics" jsonb,
            releases jsonb,
            "defaultBranchRef" jsonb
        )
    ) as payload
)

select
    ---------- ids
    raw_id,
    repo_id,
    node_id,
    {{ json_count('database_id_json') }} as database_id,

    ---------- texts
    repo_full_name,
    coalesce(owner_object ->> 'login', split_part(repo_full_name, '/', 1)) as owner_login,
    split_part(repo_full_name, '/', 2) as name,
    repo_url,
    description,
    homepage_url,
    coalesce(nullif(btrim(primary_language), ''), 'Unknown') as language,
    license_spdx,
    default_branch,
    array(
        select topic.node -> 'topic' ->> 'name'
        from
            jsonb_array_elements({{ json_array('topics_json') }})
            with ordinality as topic (node, position)
        where topic.node -> 'topic' ->> 'name' is not null
        order by topic.position
    ) as topics,

    ---------- numerics
    stars_json,
    {{ json_count('stars_json') }} as stars,
    {{ json_count('forks_json') }} as forks,
    {{ json_count('watchers_json') }} as watchers,
    {{ json_count('open_issues_json') }} as open_issues,
    {{ json_count('open_pull_requests_json') }} as open_pull_requests,
    {{ json_count("(release_object -> 'totalCount')") }} as releases,

    ---------- flags
    {{ json_boolean('is_archived_json') }} as is_archived,
    {{ json_boolean('is_disabled_json') }} as is_disabled,
    {{ json_boolean('is_empty_json') }} as is_empty,
    {{ json_boolean('is_fork_json') }} as is_fork,
    {{ json_boolean('is_mirror_json') }} as is_mirror,
    {{ json_boolean('is_template_json') }} as is_template,
    has_texts,
    has_language,
    has_license,
    has_topics,
    has_default_branch,
    has_pushed_at,

    ---------- timestamps
    {{ text_timestamp('created_at_text') }} as created_at,
    {{ text_timestamp('updated_at_text') }} as updated_at,
    {{ text_timestamp('pushed_at_text') }} as pushed_at,
    fetch_timestamp
from fields
