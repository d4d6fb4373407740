-- What the marketing assets write: cards, stories, drafts and comparisons, each with its evidence.
-- Every table is keyed by its period and subject, so that making it again replaces it.

create table analytics.marketing_cards (
    period_start date not null,
    card_kind text not null check (
        card_kind in ('weekly_community', 'featured', 'repository', 'page')
    ),
    subject text not null,
    period_end date not null,
    repo_id bigint,
    repo_full_name text,
    position integer,
    title text not null,
    alt_text text not null,
    svg text not null,
    svg_sha256 text not null,
    png bytea,
    png_reason text,
    width integer not null,
    height integer not null,
    query text not null,
    link text not null,
    as_of timestamptz not null,
    run_id text not null,
    primary key (period_start, card_kind, subject)
);
comment on table analytics.marketing_cards is
'Pictures for sharing, 1200 by 630: the five strongest community projects of a week, the featured '
'ones, and the newest card of each ranked repository and page.';
comment on column analytics.marketing_cards.period_start is
'Monday (UTC) of the ISO week the card belongs to.';
comment on column analytics.marketing_cards.card_kind is
'weekly_community (five a week), featured (three a category), repository or page (newest only).';
comment on column analytics.marketing_cards.subject is
'The repository''s id as text, or the page''s name.';
comment on column analytics.marketing_cards.period_end is 'Sunday (UTC) of that week.';
comment on column analytics.marketing_cards.repo_id is 'GitHub''s id; null for a page.';
comment on column analytics.marketing_cards.repo_full_name is 'owner/name when it was drawn.';
comment on column analytics.marketing_cards.position is 'Place within its kind, from 1.';
comment on column analytics.marketing_cards.title is 'What it shows, in a few words.';
comment on column analytics.marketing_cards.alt_text is 'The same in words, for who can''t see it.';
comment on column analytics.marketing_cards.svg is 'The drawing; holds text and shapes only.';
comment on column analytics.marketing_cards.svg_sha256 is 'Hash of the drawing.';
comment on column analytics.marketing_cards.png is 'The drawing as PNG, or null.';
comment on column analytics.marketing_cards.png_reason is 'Why there is no PNG.';
comment on column analytics.marketing_cards.width is 'Pixels.';
comment on column analytics.marketing_cards.height is 'Pixels.';
comment on column analytics.marketing_cards.query is 'The query that gives the card''s numbers.';
comment on column analytics.marketing_cards.link is 'The page that shows the same.';
comment on column analytics.marketing_cards.as_of is 'Time of the data drawn.';
comment on column analytics.marketing_cards.run_id is 'The run that drew it last.';
create index marketing_cards_newest
on analytics.marketing_cards (card_kind, subject, period_start desc);

create table analytics.success_stories (
    period_start date not null,
    repo_id bigint not null,
    repo_full_name text not null,
    repo_url text not null,
    render_category text,
    language text,
    stars bigint not null,
    base_stars bigint not null,
    base_date date not null,
    base_source text not null check (base_source in ('github_history', 'own_snapshots')),
    growth_pct double precision not null,
    growth_days integer not null,
    momentum_score double precision,
    render_services text[] not null default '{}',
    service_count bigint,
    owner_login text,
    homepage_url text,
    headline text not null,
    sentences jsonb not null,
    criteria jsonb not null,
    as_of timestamptz not null,
    run_id text not null,
    primary key (period_start, repo_id)
);
comment on table analytics.success_stories is
'Render projects that met the criteria in a month, each sentence with query, date and link.';
comment on column analytics.success_stories.period_start is 'First day (UTC) of the month.';
comment on column analytics.success_stories.repo_id is 'GitHub''s id.';
comment on column analytics.success_stories.repo_full_name is 'owner/name when it qualified.';
comment on column analytics.success_stories.repo_url is 'The repository on GitHub.';
comment on column analytics.success_stories.render_category is
'official, employee, community, blueprint or uncategorised.';
comment on column analytics.success_stories.language is 'GitHub''s primary language.';
comment on column analytics.success_stories.stars is 'Stars at as_of.';
comment on column analytics.success_stories.base_stars is 'Stars at the beginning of the window.';
comment on column analytics.success_stories.base_date is 'First day of the window.';
comment on column analytics.success_stories.base_source is
'Whether the base is counted back by GitHub''s star history or was observed by us.';
comment on column analytics.success_stories.growth_pct is
'Stars gained in the window as per cent of base_stars.';
comment on column analytics.success_stories.growth_days is 'Length of the window in days.';
comment on column analytics.success_stories.momentum_score is 'Momentum at as_of.';
comment on column analytics.success_stories.render_services is 'Types its Blueprint declares.';
comment on column analytics.success_stories.service_count is 'Services its Blueprint declares.';
comment on column analytics.success_stories.owner_login is 'Public login of its owner.';
comment on column analytics.success_stories.homepage_url is 'Public homepage of the repository.';
comment on column analytics.success_stories.headline is 'One line that says it.';
comment on column analytics.success_stories.sentences is
'List of {text, query, values, as_of, link}: the query gives the values again.';
comment on column analytics.success_stories.criteria is 'The thresholds that were used.';
comment on column analytics.success_stories.as_of is 'Time of the data.';
comment on column analytics.success_stories.run_id is 'The run that wrote it last.';

create table analytics.monthly_drafts (
    period_start date primary key,
    period_end date not null,
    is_complete boolean not null,
    title text not null,
    markdown text not null,
    word_count integer not null,
    sentences jsonb not null,
    stats jsonb not null,
    as_of timestamptz not null,
    run_id text not null
);
comment on table analytics.monthly_drafts is
'A blog draft for each month, made from facts: one row per month, the current one to date.';
comment on column analytics.monthly_drafts.period_start is 'First day (UTC) of the month.';
comment on column analytics.monthly_drafts.period_end is
'Last day that the draft covers: the month''s last, or the newest day observed.';
comment on column analytics.monthly_drafts.is_complete is 'Whether the month is over.';
comment on column analytics.monthly_drafts.title is 'The draft''s title.';
comment on column analytics.monthly_drafts.markdown is 'The draft.';
comment on column analytics.monthly_drafts.word_count is 'Words of the draft.';
comment on column analytics.monthly_drafts.sentences is
'List of {text, query, values, as_of, link}: the query gives the values again.';
comment on column analytics.monthly_drafts.stats is
'Distinct repositories, Render projects and stars gained; '
'counts of stars are never summed over days.';
comment on column analytics.monthly_drafts.as_of is 'Time of the newest data used.';
comment on column analytics.monthly_drafts.run_id is 'The run that wrote it last.';

create table analytics.platform_intelligence (
    report_date date primary key,
    platform_data jsonb not null,
    summary text not null,
    sample_size integer not null,
    sample_frame text not null,
    sentences jsonb not null,
    as_of timestamptz not null,
    run_id text not null
);
comment on table analytics.platform_intelligence is
'Which deployment platforms the files of the followed repositories name: Render, Vercel, Railway '
'and Fly on one sampled frame, one row per day.';
comment on column analytics.platform_intelligence.report_date is 'Day (UTC) of the data.';
comment on column analytics.platform_intelligence.platform_data is
'Per platform: yes, no, unknown, share of the known with its 95 per cent interval, by language.';
comment on column analytics.platform_intelligence.summary is 'The comparison in words.';
comment on column analytics.platform_intelligence.sample_size is 'Repositories in the frame.';
comment on column analytics.platform_intelligence.sample_frame is 'How the frame was made.';
comment on column analytics.platform_intelligence.sentences is
'List of {text, query, values, as_of, link}: the query gives the values again.';
comment on column analytics.platform_intelligence.as_of is 'Time of the data.';
comment on column analytics.platform_intelligence.run_id is 'The run that wrote it last.';

create table analytics.blueprint_metrics (
    report_date date not null,
    repo_id bigint not null,
    repo_full_name text not null,
    render_category text,
    blueprint_status text not null,
    blueprint_quality double precision,
    documentation_score double precision,
    render_complexity_score integer,
    service_count bigint,
    database_count bigint,
    has_blueprint_button boolean,
    stars bigint,
    stars_gained_7d bigint,
    needs_attention boolean not null,
    attention_reasons text[] not null default '{}',
    deploys bigint,
    deploys_reason text not null,
    success_rate double precision,
    avg_deploy_seconds double precision,
    as_of timestamptz not null,
    run_id text not null,
    primary key (report_date, repo_id)
);
comment on table analytics.blueprint_metrics is
'Quality of every Blueprint that is followed, one row per day and repository. Deploys of other '
'people''s services have no public source and stay null.';
comment on column analytics.blueprint_metrics.report_date is 'Day (UTC) of the data.';
comment on column analytics.blueprint_metrics.repo_id is 'GitHub''s id.';
comment on column analytics.blueprint_metrics.repo_full_name is 'owner/name.';
comment on column analytics.blueprint_metrics.render_category is 'Category of the showcase.';
comment on column analytics.blueprint_metrics.blueprint_status is
'valid, invalid, absent or unknown.';
comment on column analytics.blueprint_metrics.blueprint_quality is 'Between 0 and 1.';
comment on column analytics.blueprint_metrics.documentation_score is 'Between 0 and 1.';
comment on column analytics.blueprint_metrics.render_complexity_score is 'Between 0 and 10.';
comment on column analytics.blueprint_metrics.service_count is 'Services declared.';
comment on column analytics.blueprint_metrics.database_count is 'Databases declared.';
comment on column analytics.blueprint_metrics.has_blueprint_button is
'Whether the README has a deploy button; null when it was not read.';
comment on column analytics.blueprint_metrics.stars is 'Stars at as_of.';
comment on column analytics.blueprint_metrics.stars_gained_7d is 'Stars gained in 7 days.';
comment on column analytics.blueprint_metrics.needs_attention is 'Whether anything is amiss.';
comment on column analytics.blueprint_metrics.attention_reasons is 'What is amiss.';
comment on column analytics.blueprint_metrics.deploys is
'Always null: deploys of other people''s services are not public.';
comment on column analytics.blueprint_metrics.deploys_reason is 'Why deploys is null.';
comment on column analytics.blueprint_metrics.success_rate is 'Always null, as deploys.';
comment on column analytics.blueprint_metrics.avg_deploy_seconds is 'Always null, as deploys.';
comment on column analytics.blueprint_metrics.as_of is 'Time of the data.';
comment on column analytics.blueprint_metrics.run_id is 'The run that wrote it last.';
