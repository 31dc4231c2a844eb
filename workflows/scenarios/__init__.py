"""Whole cases told in files, and run: given, when, then."""
