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
