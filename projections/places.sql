-- name: indices
-- Where a character is active.
create index places_active on places ((fields->>'server'), id)
where to_position is null and fields->>'character' is not null;

-- name: active
-- The places in which a character is active, of one server or of all.
select id, version, fields, owner, is_deleted
from places
where to_position is null and fields->>'character' is not null
  and (%(server)s::text is null or fields->>'server' = %(server)s)
order by fields->>'server', id;
