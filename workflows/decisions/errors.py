"""The error of an evaluation that must not be taken for a result."""

from __future__ import annotations

from workflows.errors import Invalid


class DecisionError(Invalid):
    """The decision has no reliable result; a person must look at its table or its inputs."""

    code = "decision.failed"
    default_message = "决策没有可靠的结果，须由人工检查决策表或输入。"
