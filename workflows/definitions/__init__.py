"""From files in ``bpmn/`` to an immutable published release: parse, check, publish.

``diagram``, ``check`` and ``policy`` touch no database; only ``release`` does.
"""
