"""External functions come from a fixed table (DMN 1.5, 10.3.2.13.3)."""

from __future__ import annotations

import pytest

from workflows.feel import compile_expression, format_value

CALLS = [
    ("java.lang.Math", "max(double, double)", '"x"', "null"),
    ("java.lang.Math", "max(double, double)", "1.5, 2.25", "2.25"),
    ("java.lang.Math", "max(int, int)", "1, 2.5", "null"),
    ("java.lang.Math", "max(java.lang.String, java.lang.String)", '"a", "b"', "null"),
    ("java.lang.Math", "cos(double)", "0", "1"),
    ("java.lang.Math", "ceil(double)", "-1.5", "-1"),
    ("java.lang.Math", "sqrt(double)", "-1", "null"),
    ("java.lang.Short", "valueOf(short)", "40000", "null"),
    ("java.lang.Integer", "valueOf(java.lang.String)", '"123"', "123"),
    ("java.lang.Integer", "valueOf(java.lang.String)", '"12.5"', "null"),
    ("java.lang.Double", "valueOf(java.lang.String)", '"1234.56"', "1234.56"),
    ("java.lang.String", "valueOf(char)", '"a"', '"a"'),
    ("java.lang.String", "valueOf(char)", '"abc"', "null"),
    ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%s!", "b"', '"b!"'),
    ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%99999d", 1', "null"),
    ("java.lang.Runtime", "getRuntime()", "", "null"),
    ("java.lang.System", "exit(int)", "1", "null"),
]


@pytest.mark.parametrize(("owner", "signature", "arguments", "expected"), CALLS)
def test_a_function_of_the_table_is_called_and_no_other(
    owner: str, signature: str, arguments: str, expected: str
) -> None:
    # given
    parameters = ", ".join(f"p{n}" for n, part in enumerate(arguments.split(", ")) if part)
    text = (
        f'(function({parameters}) external {{java: {{class: "{owner}", '
        f'method signature: "{signature}"}}}})({arguments})'
    )
    # when
    result = compile_expression(text).evaluate({})
    # then
    assert format_value(result.value) == expected
    assert bool(result.warnings) is (expected == "null")
