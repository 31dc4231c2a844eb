"""The sentences of FEEL's errors and warnings, in English and Chinese, by code."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: dict[str, tuple[str, str]] = {
    # Syntax
    "text_too_long": (
        "The expression has more than {limit} characters.",
        "表达式超过 {limit} 个字符。",
    ),
    "nested_too_deep": (
        "The expression is nested more than {limit} levels deep.",
        "表达式嵌套超过 {limit} 层。",
    ),
    "empty_expression": ("The expression is empty.", "表达式为空。"),
    "unexpected_token": (
        "Found {found} where {expected} was expected.",
        "此处应为{expected_zh}，却是{found_zh}。",
    ),
    "unexpected_character": (
        "The character {found} has no meaning here.",
        "字符 {found} 在此处没有意义。",
    ),
    "invisible_character": (
        "The invisible character {found} is not allowed; delete it or write it as an escape.",
        "不允许不可见字符 {found}，请删除或在字符串中用转义写法。",
    ),
    "unclosed_string": (
        "The string that begins here is never closed.",
        "从这里开始的字符串没有结束的引号。",
    ),
    "unclosed_comment": (
        "The comment that begins here is never closed.",
        "从这里开始的注释没有结束。",
    ),
    "bad_escape": ("{found} is not an escape of FEEL.", "{found} 不是 FEEL 的转义写法。"),
    "number_too_long": (
        "The number has more than {limit} characters.",
        "数字超过 {limit} 个字符。",
    ),
    "mixed_arguments": (
        "A call has either named or positional arguments, not both.",
        "函数调用的参数要么都带名称，要么都不带名称。",
    ),
    "duplicate_argument": ("The argument {name} is given twice.", "参数 {name} 出现了两次。"),
    # Warnings
    "unknown_name": ("There is no value named {name}.", "没有名为 {name} 的值。"),
    "unknown_function": ("There is no function named {name}.", "没有名为 {name} 的函数。"),
    "unknown_property": (
        "A {type} has no property {name}.",
        "{type} 没有属性 {name}。",
    ),
    "unknown_type": ("There is no type named {name}.", "没有名为 {name} 的类型。"),
    "not_a_function": ("A {type} can't be called.", "{type} 不能作为函数调用。"),
    "wrong_arguments": (
        "The function {name} does not take these arguments: {given}.",
        "函数 {name} 不接受这些参数：{given}。",
    ),
    "argument_type": (
        "The argument {argument} of {name} must be {expected}, not {type}.",
        "函数 {name} 的参数 {argument} 应为 {expected}，而不是 {type}。",
    ),
    "invalid_argument": (
        "The function {name} can't use this argument: {reason}.",
        "函数 {name} 无法使用该参数：{reason}。",
    ),
    "operand_types": (
        "The operator {operator} can't be used with {left} and {right}.",
        "运算符 {operator} 不能用于 {left} 与 {right}。",
    ),
    "operand_type": (
        "The operator {operator} can't be used with {type}.",
        "运算符 {operator} 不能用于 {type}。",
    ),
    "not_boolean": (
        "A condition gave {type} instead of true or false.",
        "条件的结果是 {type}，而不是 true 或 false。",
    ),
    "division_by_zero": ("A number was divided by zero.", "除数为零。"),
    "number_overflow": (
        "The result is not a number that fits into 34 digits.",
        "结果不是 34 位以内的数。",
    ),
    "temporal_overflow": (
        "The result is outside the supported dates.",
        "结果超出支持的日期范围。",
    ),
    "invalid_temporal": (
        "{text} is not a date, time or duration.",
        "{text} 不是日期、时间或时长。",
    ),
    "index_out_of_range": (
        "The list has {count} items, but item {index} was asked for.",
        "列表有 {count} 项，却要取第 {index} 项。",
    ),
    "not_iterable": ("A {type} can't be iterated over.", "{type} 不能逐项遍历。"),
    "duplicate_key": ("The context has the key {name} twice.", "上下文中键 {name} 出现两次。"),
    "no_clock": (
        "The moment of the evaluation was not given, so {name} has no value.",
        "求值时没有给出当前时刻，{name} 没有值。",
    ),
    "external_function": (
        "This external function is not among those that are allowed.",
        "该外部函数不在允许的范围内。",
    ),
    "invalid_pattern": (
        "The regular expression is not valid: {reason}.",
        "正则表达式无效：{reason}。",
    ),
    "invalid_range": (
        "The start and the end of the range do not fit together.",
        "区间的起点与终点不匹配。",
    ),
    "result_type": (
        "The function {name} returned {type} where {expected} was declared.",
        "函数 {name} 返回了 {type}，而声明的是 {expected}。",
    ),
    "not_storable": ("A {type} can't be stored.", "{type} 不能保存。"),
    "not_stored": ("This is not a stored value: {type}.", "这不是保存的值：{type}。"),
    # Limits
    "too_many_steps": (
        "The evaluation needs more than {limit} steps.",
        "求值超过 {limit} 步。",
    ),
    "too_deep": (
        "The evaluation is nested more than {limit} levels deep.",
        "求值嵌套超过 {limit} 层。",
    ),
    "too_many_items": (
        "A list has more than {limit} items.",
        "列表超过 {limit} 项。",
    ),
    "string_too_long": (
        "A string has more than {limit} characters.",
        "字符串超过 {limit} 个字符。",
    ),
}


def sentence(code: str, details: Mapping[str, object]) -> tuple[str, str]:
    """The English and the Chinese sentence of a code; an unknown code is its own sentence."""
    english, chinese = SENTENCES.get(code, (code, code))
    try:
        return english.format_map(details), chinese.format_map(details)
    except KeyError:
        return english, chinese
