-- name: settings
-- The character, the person, what they chose for it, and whom they are towards it.
select 'character' as role, id, version, fields, owner, is_deleted
from characters where id = 'character.' || %(character)s and to_position is null
union all
select case id when 'person.' || %(person)s then 'person'
               when 'choice.' || %(person)s || '.' || %(character)s then 'choice'
               else 'persona' end,
       id, version, fields, owner, is_deleted
from people
where to_position is null
  and id in ('person.' || %(person)s, 'choice.' || %(person)s || '.' || %(character)s,
             'persona.' || %(person)s || '.' || persona_towards(%(person)s, %(character)s));

-- name: persona
-- The token of whom the person is towards the character, also where that persona has no event.
select persona_towards(%(person)s, %(character)s) as token;

-- name: presets
-- The presets that the choice, the person and the character name: the person's own, those of the character's owner where
-- the character names them, and those of the instance. Another person's apply to nobody.
with named as (
    select fields->>'preset' as id, %(person)s as by_person from people
    where to_position is null and id in ('person.' || %(person)s, 'choice.' || %(person)s || '.' || %(character)s)
    union all
    select fields->>'preset', owner from characters where to_position is null and id = 'character.' || %(character)s
)
select distinct on (id) id, version, fields, owner, is_deleted
from presets join named using (id)
where to_position is null and owner in (named.by_person, %(person)s, %(instance)s);

-- name: history
-- The newest turns before the asked message, within its asker's epoch. In a private place those of the two; in a shared
-- one everyone's, but nothing that was heard privately. A message that is not known counts as private. A reply belongs
-- with the message that it answers: it has its epoch and its privacy. What the asker said to this character as another
-- persona is not this persona's. Others wear their usual persona here, and other characters their own names. What a
-- message brings along is shown with it, but nothing that was heard privately elsewhere. The asked message stands among
-- the turns for the sake of that.
with asked as materialized (
    select coalesce((select is_private from turn where id = %(message)s), true) as is_private,
           persona_towards(%(person)s, %(character)s) as persona,
           (select coalesce(max(epoch_position), 0) from clear
            where person = %(person)s and persona = persona_towards(%(person)s, %(character)s)
              and character = %(character)s
              and from_position <= %(upto)s and (to_position is null or to_position > %(upto)s)) as epoch
), newest as (
    select turn.*
    from asked, turn
    cross join lateral (  -- with a limit, so that it is looked up for the newest turns and never joined as a whole
        select id, position, is_private from turn answered where answered.id = coalesce(turn.message, turn.id) limit 1
    ) message
    where turn.place = %(place)s and turn.position <= %(upto)s and turn.position >= asked.epoch
      and turn.text is not null and turn.id <> %(message)s and message.position >= asked.epoch
      and case when asked.is_private
          then turn.person = %(person)s and (turn.kind = 'message' or turn.character = %(character)s)
          else not message.is_private end
      and (turn.person <> %(person)s or not exists (
          select from turn reply
          where reply.kind = 'reply' and reply.message = message.id
            and reply.character = %(character)s and reply.persona <> asked.persona))
    order by turn.position desc, turn.at desc, turn.id desc
    limit %(history_limit)s
), told as (
    select * from newest
    union all
    select * from turn where id = %(message)s
)
select newest.id, newest.version, newest.position, newest.kind, newest.person, newest.character, newest.text,
       newest.tokens, newest.at, speaker.id as speaker_id, speaker.version as speaker_version,
       speaker.fields as speaker_fields, speaker.owner as speaker_owner, speaker.is_deleted as speaker_is_deleted,
       newest.in_reply_to, case when newest.refers_to is not null then (
           select jsonb_agg(to_jsonb(brought) order by named.number)
           from unnest(newest.refers_to) with ordinality named (id, number)
           cross join lateral (
               select shown.id, shown.version, shown.kind, coalesce(shown.character, shown.person) as author,
                      null as name, left(shown.text, %(reference_chars)s) as text, shown.tokens, false as is_forward,
                      whose.id as speaker_id, whose.version as speaker_version, whose.fields as speaker_fields,
                      whose.owner as speaker_owner, whose.is_deleted as speaker_is_deleted
               from turn shown
               left join turn answered on answered.id = shown.message
               left join lateral (
                   select id, version, fields, owner, is_deleted from people
                   where shown.kind = 'message' and shown.person <> %(person)s and to_position is null
                     and id = 'persona.' || shown.person || '.' || usual_persona(shown.person)
                   union all
                   select id, version, fields, owner, is_deleted from characters
                   where shown.kind = 'reply' and shown.character <> %(character)s and to_position is null
                     and id = 'character.' || shown.character
               ) whose on true
               where shown.id = named.id and shown.text is not null and shown.position is not null
                 and (shown.place = newest.place or not coalesce(answered.is_private, shown.is_private, true))
               union all
               select quoted.id, quoted.version, 'quote', quoted.person, quoted.author,
                      left(quoted.text, %(reference_chars)s), quoted.tokens, quoted.is_forward,
                      null, null, null, null, null
               from quoted where quoted.id = named.id and quoted.text is not null
           ) brought
       ) end as brought
from told newest
left join lateral (
    select id, version, fields, owner, is_deleted from people
    where newest.kind = 'message' and newest.person <> %(person)s and to_position is null
      and id = 'persona.' || newest.person || '.' || usual_persona(newest.person)
    union all
    select id, version, fields, owner, is_deleted from characters
    where newest.kind = 'reply' and newest.character <> %(character)s and to_position is null
      and id = 'character.' || newest.character
) speaker on true
order by newest.position, newest.at, newest.id;

-- name: recall
-- The memories of this person, persona and character that match any word of the question, best first. What was said in
-- private stays out of shared places; a message that is not known counts as one of those.
with asked as materialized (
    select any_word_of(%(text)s) as words, persona_towards(%(person)s, %(character)s) as persona,
           coalesce((select is_private from turn where id = %(message)s), false) as is_private
)
select memory.id as reply, reply_version, message, message_version, memory_version, said, answered, edited, tokens,
       position, at, is_locked, round(ts_rank(memory.words, asked.words, 0)::numeric, 6)::float8 as lexical
from memory, asked
where person = %(person)s and memory.persona = asked.persona and character = %(character)s
  and (asked.is_private or not memory.is_private)
  and memory.words @@ asked.words and position < %(upto)s and delivered_position <= %(upto)s
order by lexical desc, position desc, memory.id desc
limit %(memory_limit)s;
