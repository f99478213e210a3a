"""Which posts on a platform are part of which reply."""

from collections import defaultdict
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
        posted: defaultdict[str, dict[str, int]] = defaultdict(dict)
        gone: set[str] = set()
        for _, event in facts:
            match event:
                case ReplyPosted():
                    posted[event.originator_id][event.post] = event.chunk
                case ReplyErased():
                    gone.add(event.originator_id)
                    posted.pop(event.originator_id, None)
        writes: list[Write] = []
        if gone:
            writes.append(Write(SQL["take_back"], [list(gone)]))
        if posted:
            rows = (
                (place_of(reply), post, reply, chunk)
                for reply, posts in posted.items()
                for post, chunk in posts.items()
            )
            writes.append(Write(SQL["post"], columns(rows)))
        return writes
