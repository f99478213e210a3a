-- name: indices
-- Whose presets.
create index presets_by_owner on presets (owner) where to_position is null and not is_deleted;

-- name: of_person
-- The presets that a person made, by name.
select id, version, fields, owner, is_deleted
from presets
where owner = %(person)s and to_position is null and not is_deleted
order by fields->>'name', id;
