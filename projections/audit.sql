-- name: tables
-- One line for each event, and nothing of what was said.
create table trail (
    position bigint primary key,
    type text not null,
    subject text not null,
    version integer not null,
    at timestamptz not null,
    place text,
    character text,
    persons text[] not null
);
create index trail_by_subject on trail (subject);

-- name: indices
-- The filters that the trail is asked with.
create index trail_by_persons on trail using gin (persons);
create index trail_by_place on trail (place, position);
create index trail_by_character on trail (character, position);
create index trail_by_type on trail (type, position);

-- name: delete_superseded
-- Events that were erased from the log, or are about to be: what an edit or a tombstone left behind.
delete from trail
using unnest(%s::text[], %s::integer[]) as superseded (subject, version)
where trail.subject = superseded.subject and trail.version < superseded.version;

-- name: delete_persons
-- What was done to the memory of an erased reply stays, without whose it was.
update trail set persons = '{}' where subject = any(%s) and persons <> '{}';

-- name: append
-- What happened. An event that names nobody concerns those whom the earlier ones of its subject, or its reply, named.
insert into trail (position, type, subject, version, at, place, character, persons)
select position, type, subject, version, at, place, character,
       case when persons is not null then string_to_array(persons, ' ')
       else array(select distinct named from trail earlier, unnest(earlier.persons) as named
                  where earlier.subject = told.concerns order by named)
       end
from unnest(%s::bigint[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::text[], %s::text[],
            %s::text[], %s::text[])
     as told (position, type, subject, version, at, place, character, persons, concerns);

-- name: entries
-- The newest lines that fit the filters, oldest first.
select *
from (select position, type, subject, version, at, place, character, persons
      from trail
      where position > %(after)s
        and (%(person)s::text is null or persons @> array[%(person)s::text])
        and (%(place)s::text is null or place = %(place)s)
        and (%(character)s::text is null or character = %(character)s)
        and (%(type)s::text is null or type = %(type)s)
      order by position desc
      limit %(limit)s) as newest
order by position;
