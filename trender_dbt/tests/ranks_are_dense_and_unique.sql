{% set frames = [
    ('fact_repo_snapshots', 'snapshot_date', "(scope.as_of at time zone 'UTC')::date - 1"),
    ('fact_repo_snapshots_hourly', 'snapshot_hour', "scope.as_of - interval '1 hour'"),
] %}
with scope as (
    select * from {{ ref('int_build_scope') }}
)

{% for model, frame, since in frames %}
    {{ dense_ranks(ref(model), frame, frame ~ ' >= (select ' ~ since ~ ' from scope)') }}
    {{ 'union all' if not loop.last }}
{% endfor %}
