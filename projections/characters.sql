-- name: lookup
-- What characters are looked up by.
alter table characters
    add column slug text generated always as (fields->>'slug') stored,
    add column is_public boolean generated always as (coalesce((fields->>'is_public')::boolean, false)) stored;
-- Their names, slugs and aliases, folded, as they are now.
create table character_name (
    id text not null,
    kind text not null,
    folded text not null,
    primary key (id, kind, folded)
);
create index character_name_folded on character_name (folded);

-- name: unname
-- Names of these kinds are said anew.
delete from character_name using unnest(%s::text[], %s::text[]) as said (id, kind)
where character_name.id = said.id and character_name.kind = said.kind;

-- name: name
-- What characters are called.
insert into character_name (id, kind, folded) select * from unnest(%s::text[], %s::text[], %s::text[]);

-- name: indices
-- The slugs in use.
create index characters_by_slug on characters (slug) where to_position is null and not is_deleted;

-- name: visible
-- The characters that a person may talk to.
select id, version, fields, owner, is_deleted
from characters
where to_position is null and not is_deleted and (owner = %(person)s or is_public)
order by slug, id;

-- name: by_slug
-- The character of that slug that a person may talk to: their own before a public one.
select id, version, fields, owner, is_deleted
from characters
where slug = %(slug)s and to_position is null and not is_deleted and (owner = %(person)s or is_public)
order by owner = %(person)s desc, from_position
limit 1;
