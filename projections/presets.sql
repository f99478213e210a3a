-- name: indices
-- Whose presets.
create index presets_by_owner on presets (owner) where to_position is null and not is_deleted;

-- name: of_person
-- The presets that a person made and those of the instance, by name, the person's own first.
select id, version, fields, owner, is_deleted
from presets
where owner in (%(person)s, %(instance)s) and to_position is null and not is_deleted
order by fields->>'name', owner = %(person)s desc, id;
