"""Which posts on a platform are part of which reply."""

from collections.abc import Sequence

from engine.domain.ids import place_of
from engine.domain.reply import ReplyErased, ReplyPosted
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)


class PostsProjection(Projection):
    name = "posts"
    code = code_of(__file__)
    tables = SQL["tables"]
    indices = b""

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        posted: dict[tuple[str, str], tuple[str, int]] = {}
        gone: set[str] = set()
        for _, event in facts:
            match event:
                case ReplyPosted():
                    posted[place_of(event.originator_id) or "", event.post] = (event.originator_id, event.chunk)
                case ReplyErased():
                    gone.add(event.originator_id)
                    posted = {key: part for key, part in posted.items() if part[0] != event.originator_id}
        writes: list[Write] = []
        if gone:
            writes.append(Write(SQL["take_back"], [list(gone)]))
        if posted:
            writes.append(Write(SQL["post"], columns((*key, *part) for key, part in posted.items())))
        return writes
