"""XPath regular expressions, matched in counted steps (DMN 1.5, 10.3.4.3; XPath F&O 3.1, 5.6.1).

No pattern can run away: without back-references a match takes at most pattern × text steps, and
every step counts against the limits of the evaluation.
"""

from workflows.feel.regex.matcher import compile_pattern, replace_all, search, split_all

__all__ = ["compile_pattern", "replace_all", "search", "split_all"]
