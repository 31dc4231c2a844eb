"""Turns untrusted bytes into a tree, or into findings that say why not."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from workflows.definitions.findings import Report

MOST_BYTES = 1_000_000
MOST_NODES = 20_000
MOST_ATTRIBUTES = 40
DEEPEST = 40

_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY|NOTATION|ELEMENT|ATTLIST)", re.IGNORECASE)


def parse_xml(content: bytes, report: Report) -> etree._Element | None:
    """Parse UTF-8 XML without document type, entities, processing instructions or excess.

    Comments are dropped: SpiffWorkflow fails on one inside a script task. None when there is
    nothing to go on with; the report then holds an error.
    """
    if not _acceptable_bytes(content, report):
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
        recover=False,
    )
    try:
        root = etree.fromstring(content.removeprefix(codecs.BOM_UTF8), parser)
    except etree.XMLSyntaxError as error:
        report.add("xml.syntax", line=error.lineno or None, reason=error.msg or "")
        return None
    except ValueError as error:
        report.add("xml.syntax", reason=error)
        return None
    return root if _acceptable_tree(root, report) else None


def _acceptable_bytes(content: bytes, report: Report) -> bool:
    if not content.strip():
        report.add("xml.empty")
        return False
    if len(content) > MOST_BYTES:
        report.add("xml.size", size=len(content), most=MOST_BYTES)
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        report.add("xml.encoding", reason=f"{error.reason} @ {error.start}")
        return False
    declared = _DECLARED_ENCODING.match(content.removeprefix(codecs.BOM_UTF8).lstrip())
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8"):
        report.add("xml.encoding", reason=declared.group(1).decode("utf-8"))
        return False
    if _FORBIDDEN.search(content):
        report.add("xml.doctype")
        return False
    return True


def _acceptable_tree(root: etree._Element, report: Report) -> bool:
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.externalDTD is not None:
        report.add("xml.doctype")
        return False
    for sibling in (*root.itersiblings(preceding=True), *root.itersiblings()):
        report.add("xml.instruction", node=sibling)
        return False
    count = 0
    level: list[etree._Element] = [root]
    depth = 0
    while level:
        depth += 1
        if depth > DEEPEST:
            report.add("xml.depth", most=DEEPEST, node=level[0])
            return False
        below: list[etree._Element] = []
        for node in level:
            count += 1
            if not isinstance(node.tag, str):
                report.add("xml.instruction", node=node)
                return False
            if len(node.attrib) > MOST_ATTRIBUTES:
                report.add("xml.attributes", most=MOST_ATTRIBUTES, node=node)
                return False
            below.extend(node)
        if count + len(below) > MOST_NODES:
            report.add("xml.nodes", most=MOST_NODES)
            return False
        level = below
    return True
