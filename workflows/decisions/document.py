"""Reading an XML document that a policy editor uploaded, without trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from workflows.errors import Finding, Invalid

MAX_BYTES: Final = 1_000_000
MAX_ELEMENTS: Final = 50_000


def hardened_root(content: bytes, *, file: str) -> etree._Element:
    """The root element of a UTF-8 document of at most 1 MB.

    Comments and processing instructions are dropped.

    Raises:
        Invalid: too large, not UTF-8, a DOCTYPE, an entity, more than 50,000 elements or not
            well-formed; always with one finding.
    """
    if len(content) > MAX_BYTES:
        raise _refused("xml.too_large", "文件超过 1 MB。", "The file is larger than 1 MB.", file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(
            "xml.not_utf8", "文件不是 UTF-8 编码。", "The file is not UTF-8.", file
        ) from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _refused(
            "xml.doctype",
            "文件不得包含 DOCTYPE 或实体声明。",
            "The file must not contain a DOCTYPE or entity declarations.",
            file,
        )
    root = _parsed(text.encode("utf-8"), file)
    document = root.getroottree().docinfo
    if document.root_name and document.internalDTD is not None:
        raise _refused("xml.doctype", "文件不得包含 DOCTYPE。", "The file has a DOCTYPE.", file)
    if (document.encoding or "UTF-8").upper() not in {"UTF-8", "ASCII"}:
        raise _refused("xml.not_utf8", "文件不是 UTF-8 编码。", "The file is not UTF-8.", file)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise _refused(
            "xml.too_many_elements",
            f"文件的元素超过 {MAX_ELEMENTS} 个。",
            f"The file has more than {MAX_ELEMENTS} elements.",
            file,
        )
    return root


def _parsed(content: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Invalid(
            findings=[
                Finding(
                    "xml.not_well_formed",
                    f"第 {line} 行不是合法的 XML。",
                    f"Line {line} is not well-formed XML: {error.msg}",
                    file=file,
                    line=line,
                    column=column,
                )
            ]
        ) from None


def _refused(code: str, message: str, message_en: str, file: str) -> Invalid:
    return Invalid(findings=[Finding(code, message, message_en, file=file)])


def local_name(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace_of(element: etree._Element) -> str:
    """An element's namespace, empty without one."""
    tag = element.tag
    return tag[1:].rpartition("}")[0] if tag.startswith("{") else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Child elements in the parent's own namespace, all or those with one of `names`."""
    namespace = namespace_of(element)
    for child in element:
        if namespace_of(child) == namespace and (not names or local_name(child) in names):
            yield child


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child with this name in the parent's own namespace."""
    return next(children(element, name), None)


def child_text(element: etree._Element, name: str) -> str | None:
    """The stripped text of the first child with this name; None without such a child."""
    found = child(element, name)
    return None if found is None else (found.text or "").strip()


def line_of(element: etree._Element) -> int:
    """The line of the document on which an element starts."""
    line: Any = element.sourceline  # the stubs leave its type open
    return line if isinstance(line, int) else 0
