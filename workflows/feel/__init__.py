"""FEEL, the expression language of DMN 1.5: text in, values out, nothing else touched."""

from workflows.feel.builtins import FUNCTIONS
from workflows.feel.comparison import compare
from workflows.feel.errors import FeelError, FeelLimitExceeded, FeelSyntaxError, Warning_
from workflows.feel.expression import (
    Expression,
    Match,
    Result,
    TypeCheck,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
)
from workflows.feel.external import external_function
from workflows.feel.limits import DEFAULT_LIMITS, Limits
from workflows.feel.literals import format_value
from workflows.feel.printing import format_expression, format_unary_tests
from workflows.feel.run import Run
from workflows.feel.size import as_value
from workflows.feel.storage import from_json, to_json
from workflows.feel.values import (
    NUMBERS,
    ExtendedDate,
    ExtendedDateTime,
    ExtendedDuration,
    FeelTime,
    FunctionValue,
    HostFunction,
    Parameter,
    Range,
    Value,
    YearMonthDuration,
    type_name,
)

#: The names of all built-in functions.
BUILT_IN_FUNCTIONS = frozenset(FUNCTIONS)

__all__ = [
    "BUILT_IN_FUNCTIONS",
    "DEFAULT_LIMITS",
    "NUMBERS",
    "Expression",
    "ExtendedDate",
    "ExtendedDateTime",
    "ExtendedDuration",
    "FeelError",
    "FeelLimitExceeded",
    "FeelSyntaxError",
    "FeelTime",
    "FunctionValue",
    "HostFunction",
    "Limits",
    "Match",
    "Parameter",
    "Range",
    "Result",
    "Run",
    "TypeCheck",
    "UnaryTests",
    "Value",
    "Warning_",
    "YearMonthDuration",
    "as_value",
    "compare",
    "compile_expression",
    "compile_unary_tests",
    "external_function",
    "format_expression",
    "format_unary_tests",
    "format_value",
    "from_json",
    "to_json",
    "type_name",
]
