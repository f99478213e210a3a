-- name: tables
-- Messages that may be answered, as they stand.
create table said (
    id text primary key,
    version integer not null,
    text text,
    tokens integer not null,
    is_private boolean not null,
    at timestamptz not null,
    position bigint not null
);
-- Replies, as far as they have come.
create table answered (
    id text primary key,
    message text not null,
    place text not null,
    character text not null,
    person text,
    persona text,
    version integer,
    text text,
    tokens integer
);
create index answered_by_message on answered (message);
-- One row for each delivered reply. `words` is what recall searches: a column for an embedding would stand beside it.
create table remembered (
    id text primary key,
    message text not null,
    person text,
    persona text,
    character text not null,
    place text not null,
    tokens integer,
    memory_version integer not null default 0,
    edited text,
    is_locked boolean not null default false,
    is_forgotten boolean not null default false,
    words tsvector,
    position bigint,
    delivered_position bigint not null
);
create index remembered_by_message on remembered (message);
-- What may be recalled, and all that readers see: what was forgotten is not in it, nor what lacks one of its halves. A
-- memory is of the time at which its message was heard, and as private as that was.
create view memory as
select remembered.id, remembered.message, remembered.person, remembered.persona, remembered.character,
       remembered.place, said.at, said.is_private, remembered.tokens, remembered.memory_version, remembered.edited,
       remembered.is_locked, remembered.words, remembered.position, remembered.delivered_position,
       said.text as said, said.version as message_version,
       answered.text as answered, answered.version as reply_version
from remembered
join said on said.id = remembered.message
join answered on answered.id = remembered.id
where not remembered.is_forgotten and said.text is not null and answered.text is not null;
-- What both sides of a memory, or its person's own words for it, come to. The cut keeps a tsvector below its limit.
create function words_of(said text, answered text, edited text) returns tsvector
language sql immutable
return to_tsvector('english'::regconfig, left(coalesce(edited, said || E'\n' || answered), 200000));
-- A query that any of the words of a text fulfils, null when there are none. Long texts ask with their first words.
create function any_word_of(question text) returns tsquery
language sql immutable
begin atomic
    select string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery
    from (select lexeme from unnest(to_tsvector('english'::regconfig, left(question, 8000)))
          order by positions[1], lexeme limit 64) as asked;
end;

-- name: indices
-- One scope at a time is searched, exactly.
create index remembered_by_scope on remembered (person, persona, character, position);

-- name: delete_messages
-- Messages go from everything that was made of them.
with messages as (delete from said where id = any(%(ids)s)),
     replies as (delete from answered where message = any(%(ids)s))
delete from remembered where message = any(%(ids)s);

-- name: delete_replies
-- Replies go, and the memories of them.
with replies as (delete from answered where id = any(%(ids)s))
delete from remembered where id = any(%(ids)s);

-- name: delete_memories
-- Memories were erased.
delete from remembered where id = any(%s);

-- name: hear
-- Messages that are new.
insert into said (id, version, text, tokens, is_private, at, position)
select * from unnest(%s::text[], %s::integer[], %s::text[], %s::integer[], %s::boolean[], %s::timestamptz[],
                     %s::bigint[]);

-- name: edit
-- Messages that got another text. Where the earlier events are gone, the edit is the first that is known of one.
insert into said (id, version, text, tokens, is_private, at, position)
select * from unnest(%s::text[], %s::integer[], %s::text[], %s::integer[], %s::boolean[], %s::timestamptz[],
                     %s::bigint[])
on conflict (id) do update set version = excluded.version, text = excluded.text, tokens = excluded.tokens;

-- name: describe
-- Messages whose attachments are known in words now.
update said set version = described.version, text = described.text, tokens = described.tokens
from unnest(%s::text[], %s::integer[], %s::text[], %s::integer[]) as described (id, version, text, tokens)
where said.id = described.id;

-- name: answer
-- What is new of replies: that one was started, composed.
insert into answered as known (id, message, place, character, person, persona, version, text, tokens)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::integer[],
                     %s::text[], %s::integer[])
on conflict (id) do update set
    person = coalesce(excluded.person, known.person),
    persona = coalesce(excluded.persona, known.persona),
    version = coalesce(excluded.version, known.version),
    text = coalesce(excluded.text, known.text),
    tokens = coalesce(excluded.tokens, known.tokens);

-- name: remember
-- Replies were delivered: from here on they are memories.
insert into remembered (id, message, person, persona, character, place, tokens, words, position, delivered_position)
select answered.id, answered.message, answered.person, answered.persona, answered.character, answered.place,
       said.tokens + answered.tokens, words_of(said.text, answered.text, null), said.position, delivered.position
from unnest(%s::text[], %s::bigint[]) as delivered (id, position)
join answered on answered.id = delivered.id
left join said on said.id = answered.message;

-- name: remember_anew
-- The memories of edited messages take the words that stand now, with what their person made of them.
update remembered
set words = words_of(said.text, answered.text, remembered.edited), tokens = said.tokens + answered.tokens,
    position = said.position
from said, answered
where remembered.message = any(%s) and said.id = remembered.message and answered.id = remembered.id;

-- name: touch
-- What people did to memories; null for what they left as it was.
update remembered
set memory_version = touched.version,
    is_locked = coalesce(touched.is_locked, remembered.is_locked),
    is_forgotten = coalesce(touched.is_forgotten, remembered.is_forgotten),
    edited = case when touched.is_edited then touched.edited else remembered.edited end
from unnest(%s::text[], %s::integer[], %s::boolean[], %s::boolean[], %s::boolean[], %s::text[])
     as touched (id, version, is_locked, is_forgotten, is_edited, edited)
where remembered.id = touched.id;

-- name: reword
-- Memories that their person put in other words, or back in the words that were said, are found by those.
update remembered set words = words_of(said.text, answered.text, remembered.edited)
from said, answered
where remembered.id = any(%s) and said.id = remembered.message and answered.id = remembered.id;

-- name: list
-- What a person's persona shares with a character, or with all of them, newest first.
select id, character, said, answered, edited, is_locked, at, position
from memory
where person = %(person)s and persona = %(persona)s
  and (%(character)s::text is null or character = %(character)s)
  and (%(before)s::bigint is null or position < %(before)s)
order by position desc, id desc
limit %(limit)s;

-- name: search
-- The same, by how well the words match.
with asked as materialized (select any_word_of(%(query)s) as words)
select id, character, said, answered, edited, is_locked, at, position,
       ts_rank(memory.words, asked.words, 0)::float8 as score
from memory, asked
where person = %(person)s and persona = %(persona)s
  and (%(character)s::text is null or character = %(character)s)
  and memory.words @@ asked.words
order by score desc, position desc, id desc
limit %(limit)s;

-- name: traces
-- The rows that hold words of some messages, replies and memories; a memory has the words of both that it joins.
select (select count(*) from said where id = any(%(ids)s) and text is not null)
     + (select count(*) from answered where id = any(%(ids)s) and text is not null)
     + (select count(*) from remembered
        where (id = any(%(ids)s) or id = any(%(remembered)s) or message = any(%(ids)s))
          and (words is not null or edited is not null)) as rows;
