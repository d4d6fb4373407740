{% macro dense_ranks(relation, frame, condition) -%}
    {#- The rows whose ranks are not 1 to n, per rank and frame. -#}
select
    rank_name,
    count(*) as ranked,
    count(distinct rank) as ranks,
    max(rank) as last_rank
from (
    select
        entry.rank_name,
        entry.rank,
        {{ frame }}::text as frame,
        case when entry.rank_name like '%language%' then snapshot.pool end as pool
    from {{ relation }} as snapshot
    cross join lateral (
        values
        ('rank_overall', snapshot.rank_overall),
        ('rank_in_language', snapshot.rank_in_language),
        ('rank_overall_unboosted', snapshot.rank_overall_unboosted),
        ('rank_in_language_unboosted', snapshot.rank_in_language_unboosted),
        ('trend_rank_overall', snapshot.trend_rank_overall),
        ('trend_rank_in_language', snapshot.trend_rank_in_language)
    ) as entry (rank_name, rank)
    where entry.rank is not null and {{ condition }}
) as ranks
group by rank_name, frame, pool
having count(*) <> count(distinct rank) or min(rank) <> 1 or max(rank) <> count(*)
{%- endmacro %}
