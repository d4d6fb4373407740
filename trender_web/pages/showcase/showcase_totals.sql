-- Render's ecosystem in numbers; every repository counts once.
select
    count(*) as projects,
    count(*) filter (where blueprint_status = 'valid') as with_blueprint,
    count(*) filter (where blueprint_status = 'unknown') as blueprint_unknown,
    sum(stars)::bigint as stars,
    sum(service_count) filter (where blueprint_status = 'valid')::bigint as services,
    sum(database_count) filter (where blueprint_status = 'valid')::bigint as databases,
    count(*) filter (where has_blueprint_button) as with_button,
    sum(stars_gained_7d)::bigint as stars_gained_7d,
    count(stars_gained_7d) as with_known_gain
from analytics.analytics_render_showcase
where availability = 'available'
