-- name: tables
-- Every reply that was asked for. One that ended before its message is known has no rank yet.
create table awaited (
    reply text primary key,
    message text not null,
    place text not null,
    rank integer,
    heard_at timestamptz,
    heard_position bigint,
    has_ended boolean not null,
    is_untold boolean not null default false  -- it failed, and no notice of that stands
);
create index awaited_by_message on awaited (message);

-- name: indices
-- What a place waits for, in the order of asking.
create index awaited_by_place on awaited (place, heard_position, rank) where not has_ended or is_untold;

-- name: ask
-- Replies that a message asks for.
insert into awaited (reply, message, place, rank, heard_at, heard_position, has_ended)
select *, false from unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::bigint[])
on conflict (reply) do update set rank = excluded.rank, heard_at = excluded.heard_at,
    heard_position = excluded.heard_position;

-- name: end_replies
-- Replies that have ended: delivered, failed for good, undeliverable, withdrawn or erased.
insert into awaited (reply, message, place, is_untold, has_ended)
select *, true from unnest(%s::text[], %s::text[], %s::text[], %s::boolean[])
on conflict (reply) do update set has_ended = true, is_untold = excluded.is_untold;

-- name: tell
-- Replies of which a post stands: where they failed, that is the notice.
update awaited set is_untold = false where reply = any(%s) and is_untold;

-- name: end_messages
-- Messages that nobody answers any more.
delete from awaited where message = any(%s);

-- name: has_earlier
-- Whether a reply's place still waits for one that was asked for earlier, and not too long ago; where failures are told,
-- for the notice of one that failed, too.
select exists (
    select from awaited mine join awaited earlier on earlier.place = mine.place
    where mine.reply = %(reply)s and (not earlier.has_ended or (earlier.is_untold and %(failures_are_told)s))
      and (earlier.heard_position, earlier.rank) < (mine.heard_position, mine.rank)
      and earlier.heard_at > %(asked_after)s
) as has_earlier;
