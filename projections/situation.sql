-- name: here
-- The place, what it is part of, and the person, as they are.
select id, version, fields, owner, is_deleted from places
where to_position is null and id = any(%(places)s)
union all
select id, version, fields, owner, is_deleted from people
where to_position is null and id = 'person.' || %(person)s;

-- name: named
-- The character that a person means by each name: what they call one themselves, then names, slugs, aliases; of those
-- their own before public ones, and the oldest. A private one of somebody else is not found.
select distinct on (asked.name) asked.name, means.id, means.version, means.fields, means.owner, means.is_deleted
from unnest(%(names)s::text[]) as asked (name)
cross join lateral (
    select 'character.' || character as id, 0 as rank from personal_alias
    where person = %(person)s and folded = asked.name
    union all
    select id, case kind when 'name' then 1 when 'slug' then 2 else 3 end from character_name
    where folded = asked.name
) found
join characters means on means.id = found.id and means.to_position is null and not means.is_deleted
                     and (means.owner = %(person)s or means.is_public)
cross join lateral (
    select from_position as since from characters begun where begun.id = means.id order by version limit 1
) made
order by asked.name, found.rank, means.owner = %(person)s desc, made.since, means.id;

-- name: active
-- The character that is active here, or else in what this is part of: nothing but that there is one, if it is a private
-- one of somebody else.
with set_here as (
    select fields->>'character' as character from places
    where to_position is null and id = any(%(places)s)
      and (fields->>'character' is not null or fields->>'is_off' is not null)
    order by id = %(place)s desc
    limit 1
)
select shown.id, shown.version, shown.fields, shown.owner, shown.is_deleted
from set_here
join characters active on active.id = 'character.' || set_here.character and active.to_position is null
                      and not active.is_deleted
left join characters shown on shown.id = active.id and shown.version = active.version
                          and (shown.owner = %(person)s or shown.is_public);

-- name: replied_to
-- The reply that a post is part of, and its character, if this person may talk to that.
select post.reply, shown.id, shown.version, shown.fields, shown.owner, shown.is_deleted
from post
left join characters shown on shown.id = 'character.' || split_part(post.reply, '.', 4) and shown.to_position is null
                          and not shown.is_deleted and (shown.owner = %(person)s or shown.is_public)
where post.place = %(channel)s and post.post = %(post)s
order by post.reply
limit 1;
