-- name: tables
-- Replies that were asked for and have not ended yet: delivered, failed for good, withdrawn or erased.
create table awaited (
    reply text primary key,
    message text not null,
    place text not null,
    rank integer not null,
    heard_at timestamptz not null,
    heard_position bigint not null
);
create index awaited_by_message on awaited (message);

-- name: indices
-- What a place waits for, in the order of asking.
create index awaited_by_place on awaited (place, heard_position, rank);

-- name: ask
-- Replies that a message asks for.
insert into awaited (reply, message, place, rank, heard_at, heard_position)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::bigint[]);

-- name: end_replies
-- Replies that have ended.
delete from awaited where reply = any(%s);

-- name: end_messages
-- Messages that nobody answers any more.
delete from awaited where message = any(%s);

-- name: has_earlier
-- Whether a reply's place still waits for one that was asked for earlier, and not too long ago.
select exists (
    select from awaited mine join awaited earlier on earlier.place = mine.place
    where mine.reply = %(reply)s
      and (earlier.heard_position, earlier.rank) < (mine.heard_position, mine.rank)
      and earlier.heard_at > %(asked_after)s
) as has_earlier;
