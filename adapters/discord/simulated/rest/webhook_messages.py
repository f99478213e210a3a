"""Messages by webhooks. Source: docs, resources/webhook ("Execute Webhook", "Edit Webhook Message", …)."""

from typing import Any

from adapters.discord.simulated.changes import channels as channel_changes
from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.changes import threads
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.problems import Problem, bad_text, refuse_if_any
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.forms.webhooks import name_problems
from adapters.discord.simulated.rest.images import hash_of_url
from adapters.discord.simulated.rest.messages import rewrite
from adapters.discord.simulated.rest.posting import refuse_if_archived, refuse_if_locked
from adapters.discord.simulated.rest.queries import flag_of, snowflake_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.rest.webhooks import BY_TOKEN, webhook_of
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.users import WebhookAuthor
from adapters.discord.simulated.world.webhooks import Webhook

ONE = BY_TOKEN + "/messages/{message_id}"
LONGEST_AVATAR_URL_CHARS = 2048
LONGEST_THREAD_NAME_CHARS = 100

routes = Routes()


@routes.post(BY_TOKEN, "token", query=["wait", "thread_id", "with_components"])
def execute_webhook(call: Call) -> Answer:
    webhook = webhook_of(call)
    body = forms.check(call.body, call.uploads, fields=forms.BY_WEBHOOK)
    refuse_if_any(_problems(body))
    _refuse_misplaced(call, webhook, body)
    author = _author(webhook, body)
    draft = forms.draft(call.world, webhook.channel_id, body, call.uploads)
    if webhook.application_id is None and not flag_of(call.query, "with_components"):
        draft.components = []  # docs: without it, components of others than applications' webhooks are left out
    draft.webhook_id = webhook.id
    draft.application_id = webhook.application_id
    draft.may_mention_everyone = True  # webhooks are not asked for the permission
    forms.refuse_if_empty(draft)
    channel, message_id = _target(call, webhook, author, body)
    threads.wake(call.world, channel)
    message = changes.post(call.world, channel, author, draft, id=message_id)
    if not flag_of(call.query, "wait"):
        return Answer(204)
    return Answer(200, payloads.message(call.world, message))


@routes.get(ONE, "token", query=["thread_id"])
def get_webhook_message(call: Call) -> Answer:
    return Answer(200, payloads.message(call.world, _message(call)))


@routes.patch(ONE, "token", query=["thread_id", "with_components"])
def edit_webhook_message(call: Call) -> Answer:
    message = _message(call)
    body = forms.check(call.body, call.uploads, fields=forms.BY_WEBHOOK_EDIT, before=message)
    refuse_if_archived(call.world.channels[message.channel_id])
    rewrite(call, message, body)
    return Answer(200, payloads.message(call.world, message))


@routes.delete(ONE, "token", query=["thread_id"])
def delete_webhook_message(call: Call) -> Answer:
    message = _message(call)
    refuse_if_archived(call.world.channels[message.channel_id])
    changes.delete(call.world, message)
    return Answer(204)


def _message(call: Call) -> Message:
    """The webhook's own message; one in a thread is found only with `thread_id`."""
    webhook = webhook_of(call)
    message = call.world.messages.get(call.id("message_id"))
    where = snowflake_of(call.query, "thread_id") or webhook.channel_id
    if message is None or message.webhook_id != webhook.id or message.channel_id != where:
        raise errors.unknown("Message")
    return message


def _problems(body: dict[str, Any]) -> list[Problem]:
    url = body.get("avatar_url")
    found = [
        *name_problems("username", body.get("username")),
        *bad_text("avatar_url", url, 0, LONGEST_AVATAR_URL_CHARS),
        *bad_text("thread_name", body.get("thread_name"), 0, LONGEST_THREAD_NAME_CHARS),
    ]
    if isinstance(url, str) and url and not url.startswith(("http://", "https://")):
        scheme = url.partition(":")[0]
        found.append(Problem("avatar_url", "URL_TYPE_INVALID_SCHEME", f'Scheme "{scheme}" is not supported.'))
    return found


def _refuse_misplaced(call: Call, webhook: Webhook, body: dict[str, Any]) -> None:
    """In a forum one posts into a thread or opens one; elsewhere a webhook opens none."""
    is_forum = call.world.channels[webhook.channel_id].is_forum
    has_thread, has_name = "thread_id" in call.query, bool(body.get("thread_name"))
    if is_forum and not has_thread and not has_name:
        raise Refusal(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
    if has_thread and has_name:
        raise Refusal(400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id")
    if not is_forum and has_name:
        raise Refusal(400, 220003, "Webhooks can only create threads in forum channels")


def _target(call: Call, webhook: Webhook, author: WebhookAuthor, body: dict[str, Any]) -> tuple[Channel, int | None]:
    """Where the message comes to stand; the first one of a forum post has the thread's id."""
    parent = call.world.channels[webhook.channel_id]
    if body.get("thread_name"):
        plan = channel_changes.ThreadPlan(
            name=body["thread_name"], applied_tags=[int(each) for each in body.get("applied_tags") or ()]
        )
        thread = channel_changes.open_thread(call.world, parent, author.id, plan)
        return thread, thread.id
    thread_id = snowflake_of(call.query, "thread_id")
    if thread_id is None:
        return parent, None
    found = call.world.channels.get(thread_id)
    if found is None or not found.is_thread or found.parent_id != parent.id:
        raise errors.unknown("Channel")
    refuse_if_locked(call.world, webhook.id, found)
    return found, None


def _author(webhook: Webhook, body: dict[str, Any]) -> WebhookAuthor:
    url = body.get("avatar_url") or None
    name = (body.get("username") or webhook.name).strip()
    return WebhookAuthor(webhook.id, name, avatar=hash_of_url(url) if url else webhook.avatar, avatar_url=url)
