"""Every link in the README and in docs/ that stays in the project leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ELSEWHERE = ("https://", "http://", "mailto:")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def links_of(text: str) -> list[str]:
    """What a page links to within the project."""
    found = [target or attribute for target, attribute in LINK.findall(CODE.sub("", text))]
    return [link for link in found if not link.startswith(ELSEWHERE)]


def anchors_of(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made where Markdown is shown."""
    headings = (re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links_of(page: Path) -> list[str]:
    broken = []
    for link in links_of(page.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        path = (page.parent / target) if target else page
        is_there = path.resolve().is_relative_to(ROOT) and path.exists()
        if not is_there or (anchor and anchor not in anchors_of(path.read_text("utf-8"))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert broken_links_of(page) == []


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](gone.md) [b](#one-two) [c](#three) `[d](code.md)`\n", "utf-8")

    assert links_of(page.read_text("utf-8")) == ["gone.md", "#one-two", "#three"]
    assert anchors_of(page.read_text("utf-8")) == {"one-two"}


def test_every_page_of_the_docs_is_in_their_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}

    assert sorted(page for page in pages if f"({page})" not in index) == []
