"""Published forms as accessible HTML, and what browsers send for them."""

from web.forms_html.posted import Posted, read_posted
from web.forms_html.shown import FieldView, FormView, show_form

__all__ = ["FieldView", "FormView", "Posted", "read_posted", "show_form"]
