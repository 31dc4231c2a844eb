"""Checks the forms that elements use: fields are declared variables, conditions are known FEEL."""

from __future__ import annotations

from workflows.decisions import Form
from workflows.definitions.check.catalogue import Catalogue
from workflows.definitions.check.expressions import Use, check_text
from workflows.definitions.check.types import field_types
from workflows.definitions.diagram.model import Element, ProcessModel
from workflows.definitions.findings import Report


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
    for part, purpose, text in form.conditions():
        what = (f"表单 {form.key} 中 {part} 的 {purpose}", f"{purpose} of {part} in {form.key}")
        use = Use(element.id, what, text, names, functions=frozenset())
        check_text(use, catalogue.parameters, report)
