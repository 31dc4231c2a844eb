"""Which compiler function serves which node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from workflows.feel import nodes
from workflows.feel.compiler import collections, functions, loops, scalars
from workflows.feel.compiler.unit import Evaluator, Scope, Unit

COMPILERS: Final[dict[type[nodes.Node], Callable[[Unit, Any, Scope], Evaluator]]] = {
    nodes.Literal: scalars.compile_literal,
    nodes.Name: scalars.compile_name,
    nodes.Negation: scalars.compile_negation,
    nodes.Chain: scalars.compile_chain,
    nodes.Logic: scalars.compile_logic,
    nodes.Between: scalars.compile_between,
    nodes.If: scalars.compile_if,
    nodes.InstanceOf: scalars.compile_instance,
    nodes.In: collections.compile_in,
    nodes.ListNode: collections.compile_list,
    nodes.ContextNode: collections.compile_context,
    nodes.RangeNode: collections.compile_range,
    nodes.Path: collections.compile_path,
    nodes.Filter: collections.compile_filter,
    nodes.For: loops.compile_for,
    nodes.Quantified: loops.compile_quantified,
    nodes.Call: functions.compile_call,
    nodes.FunctionNode: functions.compile_function,
}
