"""Forms: form-js documents read into fields, and submissions checked against them."""

from workflows.decisions.forms.model import (
    Bounds,
    FieldKind,
    Form,
    FormField,
    Group,
    Option,
    Part,
    Separator,
    TextBlock,
)
from workflows.decisions.forms.reading import parse_form
from workflows.decisions.forms.schema import form_schema
from workflows.decisions.forms.validation import Answers, Shape, form_shape, validate_answers

__all__ = [
    "Answers",
    "Bounds",
    "FieldKind",
    "Form",
    "FormField",
    "Group",
    "Option",
    "Part",
    "Separator",
    "Shape",
    "TextBlock",
    "form_schema",
    "form_shape",
    "parse_form",
    "validate_answers",
]
