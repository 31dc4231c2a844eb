"""Who may see or do what: one table of actions and roles, the predicates over it, and accounts.

Nothing here knows HTTP. `actions` is the table, `viewer` who looks, `scope` the predicates.
"""

from workflows.access.actions import (
    ACTIONS_OF,
    LEVEL_OF_ROLE,
    RULE_OF,
    RULES,
    SEPARATIONS,
    Action,
    separation_between,
)
from workflows.access.scope import (
    Place,
    Placed,
    acting,
    is_near_relative,
    is_of_household,
    is_recused,
    may,
    place_of,
    require,
    require_impartial,
    require_post,
    require_separate,
    visible_cases,
    visible_households,
    visible_tasks,
)
from workflows.access.viewer import Holding, Viewer, viewer_of_account, viewer_of_token

__all__ = [
    "ACTIONS_OF",
    "LEVEL_OF_ROLE",
    "RULES",
    "RULE_OF",
    "SEPARATIONS",
    "Action",
    "Holding",
    "Place",
    "Placed",
    "Viewer",
    "acting",
    "is_near_relative",
    "is_of_household",
    "is_recused",
    "may",
    "place_of",
    "require",
    "require_impartial",
    "require_post",
    "require_separate",
    "separation_between",
    "viewer_of_account",
    "viewer_of_token",
    "visible_cases",
    "visible_households",
    "visible_tasks",
]
