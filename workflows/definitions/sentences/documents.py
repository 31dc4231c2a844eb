"""Sentences about files, XML, the allow-list, ids and the drawing."""

DOCUMENTS: dict[str, tuple[str, str]] = {
    "file.more": (
        "本文件还有更多问题，未一一列出。",
        "This file has more findings than are listed.",
    ),
    "file.more_warnings": (
        "本文件还有更多提醒，未一一列出。",
        "This file has more warnings than are listed.",
    ),
    "file.unknown": (
        "不认识的文件，不会被使用：{path}。",
        "{path} is not a file that the policy uses.",
    ),
    "file.missing": ("缺少文件 {path}。", "The file {path} is missing."),
    "xml.empty": ("文件是空的。", "The file is empty."),
    "xml.size": (
        "文件有 {size} 字节，最多 {most} 字节。",
        "The file has {size} bytes; at most {most} are allowed.",
    ),
    "xml.encoding": ("文件必须是 UTF-8 编码({reason})。", "The file must be UTF-8 ({reason})."),
    "xml.doctype": (
        "不允许文档类型声明和实体。",
        "Document types and entities are not allowed.",
    ),
    "xml.syntax": ("不是正确的 XML:{reason}。", "The file is not well-formed XML: {reason}."),
    "xml.instruction": ("不允许处理指令。", "Processing instructions are not allowed."),
    "xml.depth": ("嵌套超过 {most} 层。", "The elements are nested deeper than {most}."),
    "xml.attributes": (
        "一个元素的属性超过 {most} 个。",
        "An element has more than {most} attributes.",
    ),
    "xml.nodes": ("元素超过 {most} 个。", "There are more than {most} elements."),
    "bpmn.root": (
        "根元素应为 BPMN 的 definitions，现为 {tag}。",
        "The root must be BPMN's definitions, not {tag}.",
    ),
    "bpmn.element": (
        "不允许在 {parent} 中使用 {tag}。",
        "{tag} is not allowed inside {parent}.",
    ),
    "bpmn.attribute": (
        "不允许 {tag} 的属性 {attribute}。",
        "The attribute {attribute} of {tag} is not allowed.",
    ),
    "bpmn.value": (
        "{tag} 的属性 {attribute} 不允许取值“{value}”。",
        "The value {value!r} of {attribute} on {tag} is not allowed.",
    ),
    "bpmn.time_cycle": (
        "不允许循环定时；请用带等待的回路代替。",
        "Repeating timers are not allowed; draw a loop with a wait instead.",
    ),
    "id.missing": ("有一个 {tag} 没有 id。", "A {tag} has no id."),
    "id.pattern": (
        "id“{id}”只能用英文字母、数字、下划线和连字符，以字母或下划线开头。",
        "The id {id!r} has only ASCII letters, digits, _ and -, and begins with a letter or _.",
    ),
    "id.reserved": (
        "id“{id}”是引擎保留的，请换一个。",
        "The id {id!r} is reserved by the engine; choose another.",
    ),
    "id.repeated": ("id“{id}”重复。", "The id {id!r} occurs twice."),
    "id.clash": (
        "id“{id}”在 {other} 中已经使用。",
        "The id {id!r} is already used in {other}.",
    ),
    "number.clash": (
        "办件编号中的代码“{used}”已经用于流程 {other}。",
        "The code {used!r} of case numbers already belongs to the process {other}.",
    ),
    "process.none": ("文件中没有流程。", "The file has no process."),
    "process.repeated": (
        "流程 {id} 在 {other} 中已经定义。",
        "The process {id} is already defined in {other}.",
    ),
    "process.not_executable": (
        "流程没有标为可执行(isExecutable)。",
        "The process is not marked executable (isExecutable).",
    ),
    "process.size": (
        "流程有 {size} 个元素，最多 {most} 个。",
        "The process has {size} elements; at most {most} are allowed.",
    ),
    "process.many": (
        "流程有 {size} 个，最多 {most} 个。",
        "There are {size} processes; at most {most} are allowed.",
    ),
    "process.long_run": (
        "连续 {size} 个元素之间没有等待，最多 {most} 个。",
        "{size} elements follow each other without a wait; at most {most} are allowed.",
    ),
    "participant.process": (
        "泳池指向不存在的流程“{target}”。",
        "The pool names the process {target!r}, which does not exist.",
    ),
    "lane.reference": (
        "泳道包含不存在的元素“{target}”。",
        "The lane holds {target!r}, which does not exist.",
    ),
    "lane.twice": ("元素在两个泳道中({lane})。", "The element lies in two lanes ({lane})."),
    "lane.missing": ("元素不在任何泳道中。", "The element lies in no lane."),
    "layout.missing": ("图上没有画出此元素。", "The element is not drawn."),
    "layout.number": ("图形的坐标不正确。", "The coordinates of the shape are not usable."),
    "layout.slanted": ("连线有斜线段，应横平竖直。", "The flow has a slanted segment."),
    "layout.loose": ("连线没有接到 {target} 上。", "The flow does not touch {target}."),
    "layout.overlap": ("图形与 {target} 重叠。", "The shape overlaps {target}."),
    "layout.outside": ("图形不在 {target} 之内。", "The shape does not lie inside {target}."),
    "layout.boundary": (
        "边界事件没有画在 {target} 的边上。",
        "The boundary event is not drawn on the edge of {target}.",
    ),
    "layout.direction": (
        "元素画在开始事件的左边；流程应从左向右读。",
        "The element is drawn left of the start; a process reads from left to right.",
    ),
    "register.shape": ("{name} 的结构不正确。", "{name} does not have the expected structure."),
    "register.item": (
        "第 {position} 项缺少 {name}。",
        "Item {position} has no {name}.",
    ),
    "register.key": ("“{key}”不能用作编号。", "{key!r} cannot be used as a key."),
    "register.repeated": ("{key} 重复。", "{key} occurs twice."),
    "register.field": ("{key} 有不认识的内容 {name}。", "{key} has an unknown field {name}."),
    "register.missing": ("{key} 缺少 {name}。", "{key} lacks {name}."),
    "register.value": (
        "{key} 的 {name} 不能是“{value}”。",
        "{name} of {key} cannot be {value!r}.",
    ),
    "calendar.repeated": ("日历中有重复的日期。", "The calendar lists a day twice."),
    "calendar.refused": ("日历不正确：{reason}", "The calendar is not usable: {reason_en}"),
}
