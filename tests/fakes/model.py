"""A model that says what the test tells it to."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from engine.ports import Completion, ModelFailure, ModelRefused, ModelRequest, Usage

type Answer = str | Completion | ModelRefused | Callable[[ModelRequest], Awaitable[str]]


def refused(reason: ModelFailure = ModelFailure.SERVER, *, is_permanent: bool = False) -> ModelRefused:
    return ModelRefused("The scripted model refused.", reason=reason, is_permanent=is_permanent)


def completion(text: str, *, model: str = "scripted") -> Completion:
    usage = Usage(prompt_tokens=1, completion_tokens=len(text.split()))
    return Completion(text=text, finish_reason="stop", model=model, usage=usage, first_token_s=0.0, total_s=0.0)


@dataclass
class ScriptedModel:
    """Implements the port Model: gives the queued answers in turn, then `otherwise`; records what it was asked.

    An answer may be a coroutine function, which can wait for something before it answers.
    """

    answers: deque[Answer] = field(default_factory=deque)
    otherwise: Answer = "Yes."
    requests: list[ModelRequest] = field(default_factory=list)
    keys: list[SecretStr | None] = field(default_factory=list)
    is_closed: bool = False
    name: str = "scripted"

    def script(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    async def complete(self, request: ModelRequest, *, api_key: SecretStr | None = None) -> Completion:
        self.requests.append(request)
        self.keys.append(api_key)
        answer = self.answers.popleft() if self.answers else self.otherwise
        if isinstance(answer, ModelRefused):
            raise answer
        if isinstance(answer, Completion):
            return answer
        return completion(answer if isinstance(answer, str) else await answer(request), model=request.model)

    async def close(self) -> None:
        self.is_closed = True
