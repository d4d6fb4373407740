{#- GitHub's weekly star history as days. -#}

{% macro star_days(weeks, after=none) -%}
    {#- A derived table (star_date, stars_gained) of GitHub's weekly buckets.

        A week counts only when it starts on a Sunday, holds seven counts and they add up to its
        total; a week that a shifted page repeats counts once. -#}
    (
        select distinct on (day.star_date)
            day.star_date,
            day.stars_gained
        from (
            select
                week.position,
                bucket.first_day + (count_of_day.day_number - 1)::integer as star_date,
                (count_of_day.number)::numeric::bigint as stars_gained
            from jsonb_array_elements({{ json_array(weeks) }})
                with ordinality as week (bucket, position)
            cross join lateral (
                select
                    case
                        when jsonb_typeof(week.bucket -> 'week') = 'number'
                            then case
                                when
                                    (week.bucket ->> 'week')::numeric
                                    between 1000000000 and 9999999999
                                    then (
                                        to_timestamp((week.bucket ->> 'week')::float8)
                                        at time zone 'UTC'
                                    )::date
                            end
                    end as first_day,
                    {{ json_array("week.bucket -> 'days'") }} as days
            ) as bucket
            cross join lateral (
                select
                    count(*) = 7
                    and count(*) filter (where jsonb_typeof(entry.number) = 'number') = 7
                    and coalesce(
                        sum(
                            case
                                when jsonb_typeof(entry.number) = 'number'
                                    then (entry.number)::numeric
                            end
                        ) = case
                            when jsonb_typeof(week.bucket -> 'total') = 'number'
                                then (week.bucket -> 'total')::numeric
                        end,
                        false
                    )
                    and coalesce(bool_and(
                        case
                            when jsonb_typeof(entry.number) = 'number'
                                then
                                    (entry.number)::numeric between 0 and 2147483647
                                    and (entry.number)::numeric = trunc((entry.number)::numeric)
                            else false
                        end
                    ), false) as is_whole
                from jsonb_array_elements(bucket.days) as entry (number)
            ) as verdict
            cross join lateral jsonb_array_elements(
                case
                    when verdict.is_whole and extract(dow from bucket.first_day) = 0
                        then bucket.days
                    else '[]'::jsonb
                end
            ) with ordinality as count_of_day (number, day_number)
            {% if after %}where bucket.first_day > {{ after }} - 7{% endif %}
        ) as day
        order by day.star_date, day.position
    )
{%- endmacro %}

{% macro daily_gains(weeks, days=28) -%}
    {#- The row `observation`'s gains of complete days, newest first; NULL where unknown, 0
        before the repository was there. -#}
    array(
        select
            case
                when
                    observation.star_window_end - number.days_ago
                    < (observation.created_at at time zone 'America/Los_Angeles')::date
                    then 0
                else known.stars_gained
            end
        from generate_series(0, {{ days - 1 }}) as number (days_ago)
        left join
            {{ star_days(weeks, after='(observation.star_window_end - ' ~ (days - 1) ~ ')') }}
            as known
            on known.star_date = observation.star_window_end - number.days_ago
        order by number.days_ago
    )
{%- endmacro %}
