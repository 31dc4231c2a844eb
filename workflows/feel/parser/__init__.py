"""Tokens to syntax tree (DMN 1.5, 10.3.1.2)."""
