-- name: tables
-- What stands on the platform, by the platform's own ids. Should two replies ever claim one post, either can go without
-- the other.
create table post (
    place text not null,
    post text not null,
    reply text not null,
    chunk integer not null,
    primary key (place, post, reply)
);
create index post_by_reply on post (reply);

-- name: post
-- Chunks of replies were posted.
insert into post (place, post, reply, chunk)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::integer[])
on conflict (place, post, reply) do update set chunk = excluded.chunk;

-- name: take_back
-- Replies were erased, and their posts are taken back.
delete from post where reply = any(%s);

-- name: replies_of
-- The replies that posts are part of.
select post, reply from post where place = %(place)s and post = any(%(posts)s);
