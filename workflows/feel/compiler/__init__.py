"""Syntax tree to Python closures; no Python source is ever made."""
