{{ config(
    incremental_strategy='append',
    pre_hook="delete from {{ this }} where report_date = {{ newest_day() }}",
) }}

-- Every followed repository with a Blueprint, or with a button that promises one, and what is amiss
-- with it; what is not known is not held against it. Each day's rows stay.

with followed as (
    select
        *,
        array_remove(
            array[
                case
                    when blueprint_status = 'invalid'
                        then 'its render.yaml is not a valid Blueprint'
                end,
                case
                    when blueprint_status = 'absent' and render_category = 'blueprint'
                        then 'it offers a deploy button but no render.yaml'
                end,
                case
                    when blueprint_quality < 0.5
                        then
                            'Blueprint quality ' || to_char(blueprint_quality, 'FM0.00')
                            || ' is below 0.5'
                end,
                case
                    when documentation_score < 0.5
                        then
                            'documentation ' || to_char(documentation_score, 'FM0.00')
                            || ' is below 0.5'
                end,
                case
                    when blueprint_status = 'valid' and not has_blueprint_button
                        then 'its README has no deploy button'
                end,
                case
                    when is_archived then 'it is archived'
                    when pushed_at < as_of - interval '365 days'
                        then 'nothing was pushed for a year'
                end
            ],
            null
        ) as attention_reasons
    from {{ ref('analytics_render_showcase') }}
    where
        availability = 'available'
        and (blueprint_status in ('valid', 'invalid') or render_category = 'blueprint')
)

select
    {{ newest_day() }} as report_date,
    repo_id,
    repo_full_name,
    render_category,
    blueprint_status,
    blueprint_quality,
    documentation_score,
    render_complexity_score,
    service_count,
    database_count,
    has_blueprint_button,
    stars,
    stars_gained_7d,
    cardinality(attention_reasons) > 0 as needs_attention,
    attention_reasons,
    null::bigint as deploys,
    'not measurable: deploys of other people''s services are known to their owners and to Render '
    || 'only, there is no public source' as deploys_reason,
    null::float8 as success_rate,
    null::float8 as avg_deploy_seconds,
    as_of,
    {{ written_by() }} as run_id
from followed
