-- name: tables
-- Messages and replies; a reply is visible once it has a position, that is, once it was delivered.
create table turn (
    id text primary key,
    kind text not null,
    version integer,
    place text not null,
    person text,
    persona text,
    character text,
    message text,
    addresses text[],
    is_private boolean,
    text text,
    tokens integer,
    at timestamptz,
    position bigint,
    in_reply_to text,
    refers_to text[]
);
create index turn_by_message on turn (message) where kind = 'reply';
create index turn_by_place on turn (place, position);
-- Words of other messages that messages brought along.
create table quoted (
    id text primary key,
    version integer not null,
    person text not null,
    author text,
    text text,
    tokens integer not null,
    is_forward boolean not null,
    position bigint not null
);
-- When which clear was in force: an undone clear that counts again has two rows.
create table clear (
    person text not null,
    persona text not null,
    character text not null,
    version integer not null,
    at timestamptz not null,
    epoch_position bigint not null,
    from_position bigint not null,
    to_position bigint,
    primary key (person, persona, character, version, from_position)
);

-- name: told
-- One conversation: what a person said to a character as a persona, and what it answered, each at the position of the
-- message that it belongs with. A message that nobody answered counts under every persona.
create function told(by_person text, as_persona text, towards text)
returns table (kind text, text text, at timestamptz, belongs_at bigint)
language sql stable as $$
    select reply.kind, reply.text, reply.at, message.position
    from turn reply join turn message on message.id = reply.message
    where reply.person = by_person and reply.kind = 'reply' and reply.character = towards
      and reply.persona = as_persona and reply.position is not null and reply.text is not null
    union all
    select message.kind, message.text, message.at, message.position
    from turn message
    where message.person = by_person and message.kind = 'message' and towards = any(message.addresses)
      and message.text is not null
      and not exists (
          select from turn reply
          where reply.kind = 'reply' and reply.message = message.id and reply.character = towards
            and reply.persona <> as_persona)
$$;

-- name: indices
-- What one person said, and what one character answered them.
create index turn_by_person on turn (person, kind);

-- name: delete_messages
-- Messages go, and every reply to them.
delete from turn where id = any(%(ids)s) or (kind = 'reply' and message = any(%(ids)s));

-- name: delete_replies
-- Replies that were not given after all, or were erased.
delete from turn where id = any(%s);

-- name: clear
-- New clears: the epoch of each is its own position.
insert into clear (person, persona, character, version, at, epoch_position, from_position)
select person, persona, character, version, at, position, position
from unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::bigint[])
     as cleared (person, persona, character, version, at, position);

-- name: clear_again
-- An undone clear is in force again, with the epoch that it had.
insert into clear (person, persona, character, version, at, epoch_position, from_position)
select person, persona, character, version, at, epoch_position, %(position)s
from clear
where person = %(person)s and persona = %(persona)s and character = %(character)s and version = %(version)s
order by from_position
limit 1;

-- name: undo_clear
-- That clear no longer counts.
update clear set to_position = %(position)s
where person = %(person)s and persona = %(persona)s and character = %(character)s and version = %(version)s
  and to_position is null;

-- name: hear
-- Messages that are new.
insert into turn (id, kind, version, place, person, addresses, is_private, text, tokens, at, position,
                  in_reply_to, refers_to)
select id, 'message', version, place, person, string_to_array(addresses, ' '), is_private, text, tokens,
       at, position, in_reply_to, string_to_array(refers_to, ' ')
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::integer[],
            %s::timestamptz[], %s::bigint[], %s::text[], %s::text[])
     as heard (id, version, place, person, addresses, is_private, text, tokens, at, position, in_reply_to, refers_to);

-- name: edit
-- Messages that got another text. Where the earlier events are gone, the edit is the first that is known of one.
insert into turn (id, kind, version, place, person, addresses, is_private, text, tokens, at, position,
                  in_reply_to, refers_to)
select id, 'message', version, place, person, string_to_array(addresses, ' '), is_private, text, tokens,
       at, position, in_reply_to, string_to_array(refers_to, ' ')
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::integer[],
            %s::timestamptz[], %s::bigint[], %s::text[], %s::text[])
     as edited (id, version, place, person, addresses, is_private, text, tokens, at, position, in_reply_to, refers_to)
on conflict (id) do update set version = excluded.version, text = excluded.text, tokens = excluded.tokens,
    addresses = excluded.addresses, refers_to = excluded.refers_to;

-- name: describe
-- Messages whose attachments are known in words now.
update turn set version = described.version, text = described.text, tokens = described.tokens
from unnest(%s::text[], %s::integer[], %s::text[], %s::integer[]) as described (id, version, text, tokens)
where turn.id = described.id;

-- name: quote
-- Words that messages brought along, as they stand.
insert into quoted (id, version, person, author, text, tokens, is_forward, position)
select * from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::integer[], %s::boolean[],
                     %s::bigint[])
on conflict (id) do update set version = excluded.version, author = excluded.author, text = excluded.text,
    tokens = excluded.tokens;

-- name: delete_quotes
-- What was quoted was erased.
delete from quoted where id = any(%s);

-- name: reply
-- What is new of replies: that one was started, composed, delivered.
insert into turn as known
    (id, kind, version, place, person, persona, character, message, text, tokens, at, position)
select id, 'reply', version, place, person, persona, character, message, text, tokens, at, position
from unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::integer[], %s::timestamptz[], %s::bigint[])
     as told (id, version, place, person, persona, character, message, text, tokens, at, position)
on conflict (id) do update set
    version = coalesce(excluded.version, known.version),
    person = coalesce(excluded.person, known.person),
    persona = coalesce(excluded.persona, known.persona),
    text = coalesce(excluded.text, known.text),
    tokens = coalesce(excluded.tokens, known.tokens),
    at = coalesce(excluded.at, known.at),
    position = coalesce(excluded.position, known.position);

-- name: stats
-- How much of one conversation its character sees, and how much the epoch hides.
with epoch as (
    select coalesce(max(epoch_position), 0) as position, count(*) as clears
    from clear
    where person = %(person)s and persona = %(persona)s and character = %(character)s and to_position is null
)
select count(*) filter (where belongs_at >= epoch.position and kind = 'message') as visible_messages,
       count(*) filter (where belongs_at >= epoch.position and kind = 'reply') as visible_replies,
       count(*) filter (where belongs_at < epoch.position and kind = 'message') as hidden_messages,
       count(*) filter (where belongs_at < epoch.position and kind = 'reply') as hidden_replies,
       min(at) as oldest,
       max(at) as newest,
       (select clears from epoch) as clears
from epoch, told(%(person)s, %(persona)s, %(character)s);

-- name: between
-- How much of one conversation belongs between two positions, and how that began.
select count(*) filter (where kind = 'message') as messages,
       count(*) filter (where kind = 'reply') as replies,
       min(at) as oldest,
       max(at) as newest,
       (array_agg(text order by belongs_at) filter (where kind = 'message'))[1] as opening
from told(%(person)s, %(persona)s, %(character)s)
where belongs_at >= %(first)s and belongs_at < %(before)s;

-- name: traces
-- The rows that hold words of some messages, replies and quotes.
select (select count(*) from turn where id = any(%(ids)s) and text is not null)
     + (select count(*) from quoted where id = any(%(ids)s) and text is not null) as rows;
