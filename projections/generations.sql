-- name: create
-- The one schema that outlives generations: which there are, and how far each is.
create schema tzurot;
create table tzurot.log (log_id text primary key);
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
    update tzurot.generation set position = to_position
    where schema = any(schemas) and state = expected_state and position <= to_position;
    get diagnostics moved = row_count;
    if moved <> cardinality(schemas) then
        raise exception 'a generation was replaced or moved on by another writer';
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

-- name: add
-- A generation that begins to be built.
insert into tzurot.generation (projection, schema, code, state) values (%s, %s, %s, %s);

-- name: set_state
-- What becomes of some generations.
update tzurot.generation set state = %(state)s where schema = any(%(schemas)s);

-- name: forget
-- It no longer exists.
delete from tzurot.generation where schema = %s;

-- name: transactions_before
-- Whether anybody is still in a transaction that began before a time, and so may read what was live then.
select exists (
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and xact_start < %s) as there_are;

-- name: resolve
-- Points unqualified names at the live generations for this transaction, and says how far those are.
select set_config('search_path', string_agg(quote_ident(schema), ','), true) as path, min(position) as position
from tzurot.generation where state = 'live';

-- name: live_position
-- How far the live generation that is furthest behind has come.
select min(position) as position from tzurot.generation where state = 'live';
