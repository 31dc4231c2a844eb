"""Decisions: DMN models over FEEL, dated parameters and forms; no database, no clock."""

from workflows.decisions.checks import (
    check_decision,
    check_form,
    check_meaning,
    clause_references,
)
from workflows.decisions.decision_models import (
    HOST_FUNCTIONS,
    DecisionModel,
    parse_dmn,
    parse_models,
)
from workflows.decisions.decisions import (
    DecisionResult,
    evaluate_decision,
    evaluate_service,
)
from workflows.decisions.differences import Difference, differences, reaching_back
from workflows.decisions.errors import DecisionError
from workflows.decisions.explanation import Explanation, MatchedRule, Note, Step
from workflows.decisions.forms import (
    Answers,
    FieldKind,
    Form,
    FormField,
    form_schema,
    parse_form,
    validate_answers,
)
from workflows.decisions.parameters import ParameterRecorder, ParameterTable, ParameterValue
from workflows.decisions.strict_yaml import load_yaml

__all__ = [
    "HOST_FUNCTIONS",
    "Answers",
    "DecisionError",
    "DecisionModel",
    "DecisionResult",
    "Difference",
    "Explanation",
    "FieldKind",
    "Form",
    "FormField",
    "MatchedRule",
    "Note",
    "ParameterRecorder",
    "ParameterTable",
    "ParameterValue",
    "Step",
    "check_decision",
    "check_form",
    "check_meaning",
    "clause_references",
    "differences",
    "evaluate_decision",
    "evaluate_service",
    "form_schema",
    "load_yaml",
    "parse_dmn",
    "parse_form",
    "parse_models",
    "reaching_back",
    "validate_answers",
]
