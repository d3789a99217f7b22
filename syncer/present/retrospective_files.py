"""The retrospective as an HTML page and as a Word document, both made from its markdown."""

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from config.errors import OkrsyncError
from syncer.present.report.page import document_html

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode


def retrospective_html(markdown: str, title: str, language: str) -> str:
    """Render the retrospective as an HTML page."""
    return document_html(_parser().render(markdown), title, language)


def retrospective_docx(markdown: str) -> bytes:
    """Write the retrospective as a Word document, for which `require_docx` holds."""
    from docx import Document
    from markdown_it.tree import SyntaxTreeNode

    document = Document()
    for node in SyntaxTreeNode(_parser().parse(markdown)).children:
        _add(document, node)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def require_docx() -> None:
    """Check that python-docx is installed. Raises OkrsyncError."""
    if find_spec("docx") is None:
        raise OkrsyncError(
            "writing the retrospective as DOCX",
            "python-docx is not installed",
            effect="Nothing was written.",
            advice="Run `pip install okrsync[docx]`, or name a file that ends in .html or .md.",
        )


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _add(document: "WordDocument", node: "SyntaxTreeNode") -> None:
    match node.type:
        case "heading":
            document.add_heading(_text(node), int(node.tag[1:]) - 1)
        case "table":
            rows = [row.children for part in node.children for row in part.children]
            table = document.add_table(len(rows), len(rows[0]), "Table Grid")
            for cells, texts in zip(table.rows, rows, strict=True):
                for cell, text in zip(cells.cells, texts, strict=True):
                    cell.text = _text(text)
        case "bullet_list":
            for item in node.children:
                document.add_paragraph(_text(item), "List Bullet")
        case _:
            document.add_paragraph(_text(node))


def _text(node: "SyntaxTreeNode") -> str:
    """Return the text of a node, without its marks."""
    return "".join(
        " " if each.type in ("softbreak", "hardbreak") else each.content
        for each in node.walk()
        if each.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
