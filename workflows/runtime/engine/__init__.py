"""The only driver of SpiffWorkflow: tokens in, waits out; it knows neither database nor clock."""

from workflows.runtime.engine.hosting import EngineHost
from workflows.runtime.engine.program import Program, program_of
from workflows.runtime.engine.run import EngineRun
from workflows.runtime.engine.scopes import ROOT, Scopes
from workflows.runtime.engine.waits import Wait, WaitKind

__all__ = [
    "ROOT",
    "EngineHost",
    "EngineRun",
    "Program",
    "Scopes",
    "Wait",
    "WaitKind",
    "program_of",
]
