"""Checks the forms that elements use: fields are declared variables, conditions are known FEEL."""

from __future__ import annotations

from workflows.decisions import Form
from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.expressions import Use, check_text, check_type
from workflows.definitions.check.types import field_kind, field_types, kind_of
from workflows.definitions.diagram.model import Element, ProcessModel
from workflows.definitions.findings import Report

#: Types that the FEEL of a form must give, by what it is for.
_EXPECTED = {
    "hide": "boolean",
    "required-when": "boolean",
    "earliest": "date",
    "latest": "date",
    "values": "list",
}


def check_forms(process: ProcessModel, catalogue: Catalogue, report: Report) -> None:
    """Report what is wrong between the elements of a process and their forms."""
    for element in process.elements.values():
        form = catalogue.forms.get(element.form or "")
        if form is not None:
            _check_fields(element, form, process, report)
            _check_conditions(element, form, process, catalogue, report)


def _check_fields(element: Element, form: Form, process: ProcessModel, report: Report) -> None:
    for key, field in sorted(form.fields.items()):
        variable = process.variables.get(key)
        if variable is None:
            report.add("form.field_undeclared", element.id, field=key, form=form.key, name=key)
            continue
        types = field_types(field)
        if types is not None and types != {variable.type}:
            report.add(
                "form.field_type",
                element.id,
                field=key,
                form=form.key,
                name=key,
                given=types,
                type=variable.type,
            )


def _check_conditions(
    element: Element, form: Form, process: ProcessModel, catalogue: Catalogue, report: Report
) -> None:
    # The browser evaluates them too; it knows neither the case nor the host's functions.
    names = frozenset(process.variables) | form.fields.keys()
    kinds = {name: kind_of(variable.type) for name, variable in process.variables.items()}
    kinds |= {key: field_kind(field) for key, field in form.fields.items()}
    for part, purpose, text in form.conditions():
        what = (f"表单 {form.key} 中 {part} 的 {purpose}", f"{purpose} of {part} in {form.key}")
        expected = _EXPECTED.get(purpose)
        use = Use(element.id, what, text, names, kinds, expected, functions=frozenset())
        if check_text(use, catalogue.parameters, report) is not None:
            check_type(use, catalogue.parameters, report)
