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
-- The current versions end, and others begin with what changed, each thing once. What was never created begins here.
with changed as (
    select id, version, position, person, changes::jsonb as changes, string_to_array(removed, ' ') as removed, is_deleted
    from unnest(%s::text[], %s::integer[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::boolean[])
         as told (id, version, position, person, changes, removed, is_deleted)
), known as (
    update {table} set to_position = changed.position
    from changed
    where {table}.id = changed.id and {table}.to_position is null
    returning {table}.id, {table}.owner, {table}.fields, {table}.is_deleted
)
insert into {table} (id, version, owner, fields, is_deleted, from_position)
select changed.id, changed.version, coalesce(nullif(known.owner, ''), changed.person),
       (coalesce(known.fields, '{}') || changed.changes) - changed.removed,
       coalesce(changed.is_deleted, known.is_deleted, false), changed.position
from changed left join known using (id);

-- name: any_by_id
-- Things of any kind by their ids, as they are now.
select id, version, fields, owner, is_deleted from characters where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from presets where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from people where to_position is null and id = any(%(ids)s)
union all
select id, version, fields, owner, is_deleted from places where to_position is null and id = any(%(ids)s);
