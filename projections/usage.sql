-- name: tables
-- What was asked of models: one row for each reply that a model was called for.
create table model_use (
    reply text primary key,
    person text not null,
    model text not null,
    calls integer not null,
    prompt_tokens integer not null,
    completion_tokens integer not null,
    at timestamptz not null
);

-- name: indices
-- The most recent use.
create index model_use_by_time on model_use (at);

-- name: call
-- A model was called, for the first time or once more, and perhaps answered; it answers once at most.
insert into model_use (reply, person, model, calls, at, prompt_tokens, completion_tokens)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::integer[], %s::integer[])
on conflict (reply) do update set model = excluded.model, calls = excluded.calls, at = excluded.at,
    prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens;

-- name: answer
-- The model answered a call of an earlier batch, and said how many tokens that took.
update model_use set prompt_tokens = given.prompt_tokens, completion_tokens = given.completion_tokens
from unnest(%s::text[], %s::integer[], %s::integer[]) as given (reply, prompt_tokens, completion_tokens)
where model_use.reply = given.reply;

-- name: take_back
-- Replies were erased.
delete from model_use where reply = any(%s);

-- name: since
-- How much each model was used since a time, the most used first.
select
    model,
    count(*)::integer as replies,
    sum(calls)::integer as calls,
    count(distinct person)::integer as people,
    sum(prompt_tokens)::bigint as prompt_tokens,
    sum(completion_tokens)::bigint as completion_tokens
from model_use
where at >= %(since)s
group by model
order by sum(calls) desc, model;
