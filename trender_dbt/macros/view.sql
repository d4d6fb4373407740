{% materialization view, adapter='postgres' %}
    {#- Replaces a view in place. dbt's own way drops the old one, and with it every view that reads
        it, which readers would miss until the build came to them. Only other columns force that. -#}
    {%- set old = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% if old is not none and not old.is_view %}{{ adapter.drop_relation(old) }}{% endif %}
    {% call statement('main') %}
        do $build$
        begin
            create or replace view {{ target }} as {{ compiled_code }};
        exception when invalid_table_definition then
            drop view {{ target }} cascade;
            create view {{ target }} as {{ compiled_code }};
        end
        $build$
    {% endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
