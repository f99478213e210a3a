-- name: create
-- The one schema that outlives generations: which there are, and how far each is.
create schema tzurot;
create table tzurot.log (
    log_id text primary key,
    last_removal bigint not null default 0
);
create table tzurot.generation (
    projection text not null,
    schema text primary key,
    code text not null,
    state text not null check (state in ('building', 'live', 'previous', 'retired')),
    position bigint not null default 0
) with (fillfactor = 50);
create unique index one_live_generation on tzurot.generation (projection) where state = 'live';
-- Moves generations on, or fails when one is no longer what its writer takes it for.
create function tzurot.advance(schemas text[], expected_state text, to_position bigint) returns void
language plpgsql as $$
declare
    moved integer;
begin
    -- in the order in which everybody takes them
    perform 1 from tzurot.generation where schema = any(schemas)
    order by projection, length(schema), schema for update;
    update tzurot.generation set position = to_position
    where schema = any(schemas) and state = expected_state and position <= to_position;
    get diagnostics moved = row_count;
    if moved <> cardinality(schemas) then
        raise exception 'a generation was replaced or moved on by another writer';
    end if;
end $$;
-- Words were taken off the log at a position: previous generations that do not include it still hold them, and nobody
-- moves those on. So no previous generation is ever behind the last removal. A replay of the past changes nothing.
create function tzurot.removed(at_position bigint, writing text[]) returns void
language plpgsql as $$
begin
    if exists (select from tzurot.log where last_removal >= at_position) then
        return;
    end if;
    perform 1 from tzurot.generation where state in ('live', 'previous')
    order by projection, length(schema), schema for update;
    update tzurot.log set last_removal = at_position where last_removal < at_position;
    update tzurot.generation set state = 'retired'
    where state = 'previous' and position < at_position and schema <> all(writing);
    if found then
        perform pg_notify('tzurot_retired', '');
    end if;
end $$;

-- name: exists
-- Whether this database holds projections.
select to_regclass('tzurot.generation') is not null as it_does;

-- name: bind_log
-- The log that everything here is derived from: the first one named, for ever.
with new as (insert into tzurot.log select %(log_id)s where not exists (select from tzurot.log) returning log_id)
select log_id from new union all select log_id from tzurot.log;

-- name: all
-- Every generation, the newest of a projection last.
select projection, schema, code, state, position from tzurot.generation order by projection, length(schema), schema;

-- name: lock
-- The same, and nobody moves or replaces one until this transaction ends.
select projection, schema, code, state, position from tzurot.generation
where projection = any(%s) order by projection, length(schema), schema for update;

-- name: lock_one
-- The same for one that is to go; none when it has gone already.
select schema from tzurot.generation where schema = %s for update;

-- name: add
-- A generation that begins to be built.
insert into tzurot.generation (projection, schema, code, state) values (%s, %s, %s, %s);

-- name: set_state
-- What becomes of some generations.
update tzurot.generation set state = %(state)s where schema = any(%(schemas)s);

-- name: replace
-- What was live is kept to switch back to, unless it still holds words that were taken off the log.
update tzurot.generation
set state = case when position >= (select last_removal from tzurot.log) then 'previous' else 'retired' end
where schema = any(%(schemas)s);

-- name: forget
-- It no longer exists.
delete from tzurot.generation where schema = %s;

-- name: transactions_before
-- Whether any reader is still in a transaction that began before a time, and so may read what was live then.
select exists (
    select from pg_stat_activity
    where datname = current_database() and application_name = 'tzurot reader' and xact_start < %s) as there_are;

-- name: resolve
-- Points unqualified names at the live generations for this transaction, and says how far those are.
select set_config('search_path', string_agg(quote_ident(schema), ','), true) as path, min(position) as position
from tzurot.generation where state = 'live';

-- name: live_position
-- How far the live generation that is furthest behind has come.
select min(position) as position from tzurot.generation where state = 'live';
