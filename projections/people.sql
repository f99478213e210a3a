-- name: personas
-- The token of the persona that a setting names, null unless it is one of that person's own and not deleted.
create function own_persona(person text, setting text) returns text
language sql stable as $$
    select token
    from (select case when setting like 'persona.%' then
                      case when split_part(setting, '.', 2) = person then split_part(setting, '.', 3) end
                 else setting end as token) as named
    where not exists (
        select from people
        where id = 'persona.' || person || '.' || token and to_position is null and is_deleted)
$$;
-- Who a person is where nothing else was chosen.
create function usual_persona(person text) returns text
language sql stable as $$
    select coalesce(
        (select own_persona(person, fields->>'persona') from people where id = 'person.' || person and to_position is null),
        'default')
$$;
-- Who a person is towards a character.
create function persona_towards(person text, towards text) returns text
language sql stable as $$
    select coalesce(
        (select own_persona(person, fields->>'persona') from people
         where id = 'choice.' || person || '.' || towards and to_position is null),
        usual_persona(person))
$$;

-- name: aliases
-- What people call characters by names of their own, folded, as they are now.
create table personal_alias (
    person text not null,
    character text not null,
    folded text not null,
    primary key (person, folded, character)
);
create index personal_alias_by_choice on personal_alias (person, character);

-- name: unalias
-- Somebody's names for a character are said anew.
delete from personal_alias using unnest(%s::text[], %s::text[]) as said (person, character)
where personal_alias.person = said.person and personal_alias.character = said.character;

-- name: alias
-- What people call characters.
insert into personal_alias (person, character, folded) select * from unnest(%s::text[], %s::text[], %s::text[]);
