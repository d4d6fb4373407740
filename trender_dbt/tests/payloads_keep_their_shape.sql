{{ config(severity='warn') }}

{% set expected = [
    'id', 'databaseId', 'nameWithOwner', 'url', 'description', 'homepageUrl', 'createdAt',
    'updatedAt', 'pushedAt', 'archivedAt', 'isArchived', 'isDisabled', 'isEmpty', 'isFork',
    'isMirror', 'isPrivate', 'isTemplate', 'isLocked', 'visibility', 'hasIssuesEnabled',
    'stargazerCount', 'forkCount', 'diskUsage', 'primaryLanguage', 'licenseInfo', 'owner',
    'parent', 'watchers', 'openIssues', 'closedIssues', 'openPRs', 'mergedPRs', 'releases',
    'repositoryTopics', 'languages', 'defaultBranchRef',
] %}

with newest as (
    select
        id,
        {{ json_object('api_response') }} as api_response
    from {{ source('raw', 'raw_github_repos') }}
    order by id desc
    limit 100
),

counted as (
    select count(*) as payloads from newest
),

keys as (
    select
        key.name,
        count(*) as holders,
        counted.payloads
    from newest
    cross join counted
    cross join lateral jsonb_object_keys(newest.api_response) as key (name)
    group by key.name, counted.payloads
)

select
    coalesce(keys.name, wanted.name) as key,
    keys.holders,
    keys.payloads
from keys
full outer join unnest({{ text_array(expected) }}) as wanted (name) on keys.name = wanted.name
where
    exists (select 1 from newest)
    and (keys.name is null or wanted.name is null or keys.holders < keys.payloads)
