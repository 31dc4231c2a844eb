"""Sentences about how the elements of a process are joined."""

SHAPE: dict[str, tuple[str, str]] = {
    "start.none": ("没有开始事件。", "There is no start event."),
    "start.several": ("{scope} 有多个开始事件。", "{scope} has more than one start event."),
    "start.incoming": ("开始事件不能有进入的连线。", "A start event cannot have incoming flows."),
    "end.none": ("没有结束事件。", "There is no end event."),
    "end.outgoing": ("结束事件不能有离开的连线。", "An end event cannot have outgoing flows."),
    "node.dead_end": (
        "流程到此中断：没有离开的连线，也不是结束事件。",
        "The process stops here: no outgoing flow, and not an end event.",
    ),
    "node.no_way_out": ("从这里到不了任何结束事件。", "No end event can be reached from here."),
    "node.unreachable": ("从开始事件到不了这里。", "This cannot be reached from the start."),
    "node.implicit_split": (
        "有多条离开的连线，请用网关分开。",
        "There are several outgoing flows; split them with a gateway.",
    ),
    "flow.end_missing": (
        "连线的一端“{target}”不存在。",
        "The flow's end {target!r} does not exist.",
    ),
    "flow.crosses": (
        "连线穿过了子流程的边界({source} 到 {target})。",
        "The flow crosses the border of a subprocess ({source} to {target}).",
    ),
    "flow.stated": (
        "元素中写的 incoming、outgoing 与连线不一致。",
        "The element's incoming and outgoing do not agree with the flows.",
    ),
    "flow.condition_place": (
        "只有排他网关分出的连线才能有条件({source} 不是)。",
        "Only flows that leave a splitting exclusive gateway have conditions ({source} is none).",
    ),
    "flow.default_condition": (
        "{source} 的默认连线不能有条件。",
        "The default flow of {source} cannot have a condition.",
    ),
    "flow.no_condition": (
        "从 {source} 分出的连线缺少条件。",
        "The flow that leaves {source} has no condition.",
    ),
    "gateway.no_default": (
        "排他网关分支时必须有默认连线。",
        "A splitting exclusive gateway needs a default flow.",
    ),
    "gateway.default_unknown": (
        "默认连线“{flow}”不从此网关出发。",
        "The default flow {flow!r} does not leave this gateway.",
    ),
    "gateway.idle": (
        "网关只有一进一出，没有作用。",
        "The gateway has one way in and one way out and does nothing.",
    ),
    "event_gateway.single": (
        "事件网关至少要有两条离开的连线。",
        "An event gateway needs at least two outgoing flows.",
    ),
    "event_gateway.target": (
        "事件网关后面只能是等待事件({target} 不是)。",
        "Only catch events may follow an event gateway ({target} is none).",
    ),
    "event_gateway.shared": (
        "事件网关后面的 {target} 不能有其他进入的连线。",
        "{target} after an event gateway cannot have other incoming flows.",
    ),
    "boundary.host": (
        "边界事件所附的元素“{host}”不存在或不在同一层。",
        "The element {host!r} that carries the boundary event does not exist on its level.",
    ),
    "boundary.host_kind": (
        "{host}({kind})不能带这种边界事件。",
        "{host} ({kind}) cannot carry this kind of boundary event.",
    ),
    "boundary.error_interrupting": (
        "错误边界事件必须中断。",
        "An error boundary event must interrupt.",
    ),
    "boundary.incoming": (
        "边界事件不能有进入的连线。",
        "A boundary event cannot have incoming flows.",
    ),
    "boundary.merges": (
        "不中断的边界事件的分支不能并回主流程({targets})。",
        "What a non-interrupting boundary event starts cannot join the main flow ({targets}).",
    ),
    "event.none": ("事件没有说明等待什么。", "The event does not say what it waits for."),
    "event.several": (
        "一个事件只能等待一件事。",
        "An event can only wait for one thing.",
    ),
    "cycle.no_wait": (
        "回路中没有等待（人工任务、定时或消息），会一直空转：{elements}。",
        "This loop has no wait (user task, timer or message) and would run for ever: {elements}.",
    ),
    "parallel.in_loop": (
        "并行分支不能画在回路里，请放进子流程。",
        "A parallel split cannot lie on a loop; put it into a subprocess.",
    ),
    "parallel.stuck": (
        "并行汇合会一直等不到全部分支。",
        "This parallel join can wait for ever: not all of its branches can arrive.",
    ),
    "parallel.multiplied": (
        "并行的分支在这里没有汇合，后面会执行多次。",
        "Parallel branches meet here without being joined; what follows would run several times.",
    ),
    "parallel.unclear": (
        "并行结构太复杂，无法判断是否正确，请拆成子流程。",
        "The parallel structure is too tangled to be checked; divide it into subprocesses.",
    ),
    "call.missing": ("没有写明调用哪个流程。", "The call does not say which process it calls."),
    "call.unknown": (
        "调用的流程“{process}”不存在。",
        "The called process {process!r} does not exist.",
    ),
    "call.cycle": (
        "流程互相调用，没有尽头：{processes}。",
        "These processes call each other without end: {processes}.",
    ),
    "call.depth": (
        "调用超过 {most} 层。",
        "Calls are more than {most} levels deep.",
    ),
    "call.input_unknown": (
        "流程 {process} 没有变量 {name}。",
        "The process {process} has no variable {name}.",
    ),
    "call.input_inherited": (
        "{process} 的变量 {name} 继承自调用者，不能传入。",
        "{name} of {process} is the caller's own and cannot be passed in.",
    ),
    "call.output_unknown": (
        "流程 {process} 没有变量 {name} 可以取回。",
        "The process {process} has no variable {name} to take back.",
    ),
    "error.code": ("错误代码“{error}”不合规定。", "The error code {error!r} is not allowed."),
    "error.unknown": ("错误“{target}”没有定义。", "The error {target!r} is not defined."),
    "error.uncaught": (
        "错误 {error} 没有被任何边界事件接住。",
        "No boundary event catches the error {error}.",
    ),
}
