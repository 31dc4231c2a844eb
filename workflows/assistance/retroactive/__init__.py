"""A parameter that reaches back: what it touches, and corrections that people decide.

Nothing here changes a grant or a payment by itself; `correcting` does, when somebody has decided.
"""
