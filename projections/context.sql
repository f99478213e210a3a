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
-- The presets that the choice, the person and the character name.
select id, version, fields, owner, is_deleted
from presets
where to_position is null and id in (
    select fields->>'preset' from people
    where to_position is null and id in ('person.' || %(person)s, 'choice.' || %(person)s || '.' || %(character)s)
    union all
    select fields->>'preset' from characters where to_position is null and id = 'character.' || %(character)s);

-- name: history
-- The newest turns before the asked message, within its asker's epoch: of the two in a private place, of everyone in a
-- shared one. A reply belongs to the epoch of the message that it answers. What the asker said to this character as
-- another persona is not this persona's. Others wear their usual persona here, and other characters their own names.
with asked as materialized (
    select coalesce((select is_private from turn where id = %(message)s), true) as is_private,
           persona_towards(%(person)s, %(character)s) as persona,
           (select coalesce(max(epoch_position), 0) from clear
            where person = %(person)s and persona = persona_towards(%(person)s, %(character)s)
              and character = %(character)s
              and from_position <= %(upto)s and (to_position is null or to_position > %(upto)s)) as epoch
), newest as (
    select turn.*
    from turn, asked
    where turn.place = %(place)s and turn.position <= %(upto)s and turn.position >= asked.epoch
      and turn.text is not null and turn.id <> %(message)s
      and (turn.kind = 'message' or exists (
          select from turn answered where answered.id = turn.message and answered.position >= asked.epoch))
      and (not asked.is_private
           or (turn.person = %(person)s and (turn.kind = 'message' or turn.character = %(character)s))
           or (turn.kind = 'message' and %(character)s = any(turn.addresses)))
      and (turn.person <> %(person)s or not exists (
          select from turn reply
          where reply.kind = 'reply' and reply.message = coalesce(turn.message, turn.id)
            and reply.character = %(character)s and reply.persona <> asked.persona))
    order by turn.position desc, turn.at desc, turn.id desc
    limit %(history_limit)s
)
select newest.id, newest.version, newest.position, newest.kind, newest.person, newest.character, newest.text,
       newest.tokens, newest.at, speaker.id as speaker_id, speaker.version as speaker_version,
       speaker.fields as speaker_fields, speaker.owner as speaker_owner, speaker.is_deleted as speaker_is_deleted
from newest
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
-- The memories of this person, persona and character that match any word of the question, best first.
with asked as materialized (
    select any_word_of(%(text)s) as words, persona_towards(%(person)s, %(character)s) as persona
)
select memory.id as reply, reply_version, message, message_version, memory_version, said, answered, edited, tokens,
       position, at, is_locked, round(ts_rank(memory.words, asked.words, 0)::numeric, 6)::float8 as lexical
from memory, asked
where person = %(person)s and memory.persona = asked.persona and character = %(character)s
  and memory.words @@ asked.words and position < %(upto)s and delivered_position <= %(upto)s
order by lexical desc, position desc, memory.id desc
limit %(memory_limit)s;
