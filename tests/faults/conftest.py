"""An engine in two parts, so that answering can begin, end and die while people go on talking."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.terminal.host import Role
from tests.engine_at_work import Chat, engine_at_work
from tests.fakes.postman import Postbox
from tests.scripted_model_server import Server, scripted_model_server

ANSWERING: frozenset[Role] = frozenset({"responder", "deliverer"})

type Answering = Callable[..., AbstractAsyncContextManager[Postbox]]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crossing")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model() -> AsyncIterator[Server]:
    async with scripted_model_server() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def listening(data_dir: Path, model: Server) -> AsyncIterator[Chat]:
    """The part that hears and projects, and answers nothing."""
    async with engine_at_work(data_dir, model, roles=frozenset({"projections"})) as chat:
        yield chat


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def chat(listening: Chat, postbox: Postbox) -> Chat:
    """A person in a new place."""
    listening.model.scripted.clear()
    return Chat(listening.opened, listening.model, postbox)


@pytest.fixture
def answering(data_dir: Path, model: Server, postbox: Postbox) -> Answering:
    """Starts the part that answers, in these roles, for as long as its context is open."""

    @asynccontextmanager
    async def answer(*roles: Role) -> AsyncIterator[Postbox]:
        chosen = frozenset(roles) or ANSWERING
        async with engine_at_work(data_dir, model, roles=chosen, postbox=postbox):
            yield postbox

    return answer
