-- name: tables
-- Every version of a thing; the one without an end is the current one.
create table {table} (
    id text not null,
    version integer not null,
    owner text not null,
    fields jsonb not null,
    is_deleted boolean not null,
    from_position bigint not null,
    to_position bigint,
    primary key (id, version)
);
create index {table}_now on {table} (id) where to_position is null;

-- name: create
-- Things that are new.
insert into {table} (id, version, owner, fields, is_deleted, from_position)
select id, version, owner, fields::jsonb, false, position
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::bigint[])
     as created (id, version, owner, fields, position);

-- name: change
-- The current version ends, and another begins with what changed. What was never created begins here.
with known as (
    update {table} set to_position = %(position)s
    where id = %(id)s and to_position is null
    returning owner, fields, is_deleted
)
insert into {table} (id, version, owner, fields, is_deleted, from_position)
select %(id)s, %(version)s,
       coalesce((select nullif(owner, '') from known), %(person)s),
       (coalesce((select fields from known), '{}') || %(changes)s::jsonb) - %(removed)s::text[],
       coalesce(%(is_deleted)s::boolean, (select is_deleted from known), false),
       %(position)s;

-- name: any_by_id
-- Things of any kind by their ids, as they are now.
select id, version, fields, owner, is_deleted from characters where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from presets where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from people where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from places where to_position is null and id = any(%(ids)s);
