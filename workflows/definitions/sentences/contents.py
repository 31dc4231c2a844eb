"""Sentences about what the elements say: texts, people, forms, clauses, expressions."""

CONTENTS: dict[str, tuple[str, str]] = {
    "ext.element": (
        "{on} 不能有 {tag}。",
        "{tag} is not allowed on {on}.",
    ),
    "ext.attribute": (
        "{tag} 没有属性 {attribute}。",
        "{tag} has no attribute {attribute}.",
    ),
    "ext.missing": ("{tag} 缺少 {attribute}。", "{tag} lacks {attribute}."),
    "ext.repeated": ("{tag} 只能写一次。", "{tag} can be given only once."),
    "ext.value": (
        "{tag} 的 {attribute} 不能是“{value}”。",
        "{attribute} of {tag} cannot be {value!r}.",
    ),
    "node.name": ("缺少名称。", "The name is missing."),
    "node.name_chinese": ("名称“{name}”不是中文。", "The name {name!r} is not Chinese."),
    "node.documentation": ("缺少说明(documentation)。", "The documentation is missing."),
    "node.clause": ("没有写明依据的条款。", "No clause is named."),
    "clause.unknown": (
        "条款 {clause} 不在条款登记簿中。",
        "The clause {clause} is not in the register.",
    ),
    "clause.unused": (
        "条款 {clause} 没有步骤、规则、参数或者告知书引用，也没有写明为什么（waits）。",
        "Nothing rests on the clause {clause}, and it does not say why (waits).",
    ),
    "parameter.unused": (
        "参数 {parameter} 没有规则、时限、流程或者操作读取，也没有写明等什么（waits）。",
        "No rule, clock, diagram or operation reads the parameter {parameter}, and it does not "
        "say what it waits for (waits).",
    ),
    "parameter.waits": (
        "参数 {parameter} 写明还没有使用，但已经有规则读取。",
        "The parameter {parameter} says that it is not used yet, but something reads it.",
    ),
    "clock.unknown": ("时限 {clock} 没有定义。", "The clock {clock} is not defined."),
    "clock.attribute": (
        "时限动作 {action} 不用 {attribute}。",
        "The clock action {action} has no {attribute}.",
    ),
    "clock.extend": (
        "延长时限 {key} 须写明 by 或 to，二者取一。",
        "Extending the clock {key} needs either by or to.",
    ),
    "clock.parameter": (
        "时限 {clock} 的 {name} 引用的参数 {parameter} 不存在。",
        "{name} of the clock {clock} names the parameter {parameter}, which does not exist.",
    ),
    "clock.warning": (
        "时限 {clock} 的提前提醒日数(参数 {parameter})不能是 {value}:应为 0 到 {most} 的整数。",
        "The clock {clock} cannot warn {value} days ahead (parameter {parameter}): "
        "whole days from 0 to {most}.",
    ),
    "clock.never_started": (
        "时限 {clock} 在这里被 {action}，但没有任何地方开始它。",
        "The clock {clock} is given a {action} here, but nothing starts it.",
    ),
    "notice.repeated": (
        "告知书 {kind} 在 {other} 中已经定义。",
        "The notice {kind} is already defined in {other}.",
    ),
    "notice.hidden_name": (
        "告知书“{kind}”读取的变量“{name}”在被调用的流程中另有同名变量，读不到本流程的值。请改名。",
        "The notice {kind!r} reads {name!r}, which the called process declares too: the value of"
        " this process can't be seen there. Rename it.",
    ),
    "notice.unknown": (
        "没有告知书“{kind}”的文本。",
        "There is no text for the notice {kind!r}.",
    ),
    "task.assignment": ("没有写明由谁办理。", "Nobody is assigned."),
    "task.form": ("没有表单。", "There is no form."),
    "task.operation": ("没有写明执行什么操作。", "No operation is named."),
    "task.decision": ("没有写明使用哪个决策。", "No decision is named."),
    "assignment.place": ("定时事件不由人办理。", "A timer event has no assignment."),
    "assignment.separate": (
        "须与之分离的任务“{target}”不存在，或就是本任务。",
        "The task {target!r} to be separate from does not exist or is this one.",
    ),
    "role.unknown": ("没有角色 {role}。", "There is no role {role}."),
    "role.level": (
        "角色 {role} 不在 {level} 一级。",
        "The role {role} is not held at the level {level}.",
    ),
    "level.unknown": ("没有层级 {level}。", "There is no level {level}."),
    "form.place": ("此处不能有表单。", "There can be no form here."),
    "form.unknown": ("表单 {form} 不存在。", "The form {form} does not exist."),
    "form.key": (
        "表单的文件名应为 {expected}。",
        "The form's file should be called {expected}.",
    ),
    "form.field_undeclared": (
        "表单 {form} 的字段 {name} 不是本流程声明的变量。",
        "The field {name} of the form {form} is not a declared variable of this process.",
    ),
    "form.field_type": (
        "表单 {form} 的字段 {name} 填的是 {given}，变量却是 {type}。",
        "The field {name} of the form {form} gives {given}, but the variable is {type}.",
    ),
    "returns.target": (
        "不能退回到“{target}”：同一层没有这个人工任务。",
        "A return to {target!r} is not possible: there is no such user task on this level.",
    ),
    "returns.later": (
        "不能退回到 {target}:它不在本任务之前。",
        "A return to {target} is not possible: it does not come before this task.",
    ),
    "returns.parallel": (
        "不能退回到 {target}:它与本任务不在同一条并行分支上。",
        "A return to {target} is not possible: it is not in the same parallel branch.",
    ),
    "returns.operation": (
        "不能退回到 {target}:中间的 {operation} 不可撤销。",
        "A return to {target} is not possible: {operation} in between cannot be undone.",
    ),
    "message.name": (
        "消息名“{name}”应写成 application.withdrawn 这样的形式。",
        "The message name {name!r} should look like application.withdrawn.",
    ),
    "message.missing": ("没有写明等待哪个消息。", "No message is named."),
    "message.unknown": ("消息“{target}”没有定义。", "The message {target!r} is not defined."),
    "message.assignment": ("没有写明谁可以发送消息。", "Nobody is assigned to send the message."),
    "timer.empty": ("定时没有内容。", "The timer has no expression."),
    "timer.iso": (
        '定时“{text}”要写成 FEEL,例如 @"P7D"。',
        'The timer {text!r} must be written in FEEL, such as @"P7D".',
    ),
    "timer.type": (
        "定时得到的是 {given}，不是 {type}。",
        "The timer gives {given}, not {type}.",
    ),
    "timer.range": (
        "定时的长度应在一分钟到十年之间。",
        "The timer's length must be between one minute and ten years.",
    ),
    "script.language": (
        "脚本只能用 FEEL，不能用“{language}”。",
        "Scripts can only be FEEL, not {language!r}.",
    ),
    "script.empty": ("脚本没有内容。", "The script is empty."),
    "script.result": ("没有写明结果存入哪个变量。", "The variable for the result is not named."),
    "expression.empty": ("{what}没有内容。", "The expression ({what_en}) is empty."),
    "expression.syntax": (
        "{what}不是正确的 FEEL:{reason}",
        "The expression ({what_en}) is not FEEL: {reason_en}",
    ),
    "expression.unknown_name": (
        "{what}用了没有声明的名称 {name}。",
        "The expression ({what_en}) uses the undeclared name {name}.",
    ),
    "expression.unknown_function": (
        "{what}用了不存在的函数 {name}。",
        "The expression ({what_en}) calls the unknown function {name}.",
    ),
    "expression.unknown_parameter": (
        "{what}用了不存在的参数 {name}。",
        "The expression ({what_en}) reads the unknown parameter {name}.",
    ),
    "expression.type": (
        "{what}得到的是 {given}，应为 {type}。",
        "The expression ({what_en}) gives {given}, not {type}.",
    ),
    "expression.mismatch": (
        "{what}中有运算得不到结果：{reason}",
        "The expression ({what_en}) holds what has no result: {reason_en}",
    ),
    "operation.unknown": ("操作 {operation} 不存在。", "The operation {operation} does not exist."),
    "operation.input_unknown": (
        "操作 {operation} 没有参数 {name}。",
        "The operation {operation} has no parameter {name}.",
    ),
    "operation.input_missing": (
        "操作 {operation} 缺少参数 {name}。",
        "The parameter {name} of the operation {operation} is missing.",
    ),
    "operation.output_unknown": (
        "操作 {operation} 没有结果 {name}。",
        "The operation {operation} has no result {name}.",
    ),
    "decision.unknown": ("决策 {decision} 不存在。", "The decision {decision} does not exist."),
    "decision.repeated": (
        "决策 {decision} 在 {other} 中已经定义。",
        "The decision {decision} is already defined in {other}.",
    ),
    "decision.input_missing": (
        "决策 {decision} 缺少输入 {name}。",
        "The input {name} of the decision {decision} is missing.",
    ),
    "decision.input_unknown": (
        "决策 {decision} 没有输入 {name}。",
        "The decision {decision} has no input {name}.",
    ),
    "decision.input_type": (
        "决策的输入 {name} 得到的是 {given}，应为 {type}。",
        "The input {name} of the decision gets {given}, not {type}.",
    ),
    "decision.output_unknown": (
        "决策 {decision} 没有结果 {name}。",
        "The decision {decision} has no result {name}.",
    ),
    "decision.row_clause": (
        "第 {row} 行没有写明依据的条款。",
        "Row {row} names no clause.",
    ),
    "variable.name": ("“{name}”不能用作变量名。", "{name!r} cannot be the name of a variable."),
    "variable.type": (
        "变量 {name} 的类型“{type}”不存在({known})。",
        "The type {type!r} of the variable {name} does not exist ({known}).",
    ),
    "variable.repeated": ("变量 {name} 声明了两次。", "The variable {name} is declared twice."),
    "variable.inherited_default": (
        "继承的变量 {name} 不能有默认值。",
        "The inherited variable {name} cannot have a default.",
    ),
    "variable.no_caller": (
        "没有流程调用本流程，无法继承变量 {names}。",
        "No process calls this one, so nothing hands on {names}.",
    ),
    "variable.inherited_missing": (
        "调用者 {caller} 没有声明本流程要继承的变量 {name}。",
        "The caller {caller} does not declare {name}, which this process inherits.",
    ),
    "variable.inherited_type": (
        "变量 {name} 在这里是 {type}，在调用者 {caller} 中是 {caller_type}。",
        "The variable {name} is {type} here but {caller_type} in the caller {caller}.",
    ),
    "variable.undeclared": ("变量 {name} 没有声明。", "The variable {name} is not declared."),
    "variable.written_twice": (
        "变量 {name} 在这里写了两次。",
        "The variable {name} is written twice here.",
    ),
    "variable.output_type": (
        "变量 {name} 是 {type}，得到的却是 {given}。",
        "The variable {name} is {type}, but {given} is given.",
    ),
    "variable.hides": (
        "{process} 自己的变量 {name} 与调用者的同名，两者互不相干。",
        "{process} has a variable {name} of its own, apart from the caller's.",
    ),
    "variable.never_written": (
        "变量 {name} 被读取，但没有任何地方给它赋值。",
        "The variable {name} is read but never written.",
    ),
    "variable.unused": (
        "变量 {name} 没有任何地方使用。",
        "Nothing uses the variable {name}.",
    ),
    "list.accumulated": (
        "不要在回路中往列表 {name} 里累加：请用操作写入各自的表。",
        "Do not add to the list {name} inside a loop: let an operation write rows of their own.",
    ),
    "end.outcome": ("没有写明办件的最终状态。", "The final status of the case is not named."),
    "end.outcome_place": (
        "子流程的结束事件不能决定办件的最终状态。",
        "An end event inside a subprocess cannot decide the final status.",
    ),
    "end.outcome_aside": (
        "办件在此之外继续，这里不能决定它的最终状态。",
        "The case goes on beside this end, which cannot decide its final status.",
    ),
    "end.outcome_called": (
        "被调用的流程不能决定办件的最终状态。",
        "A called process cannot decide the final status of the case.",
    ),
}
