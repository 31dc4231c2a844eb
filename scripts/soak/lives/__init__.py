"""Families over years: every process on a moved clock, and what must hold of their money."""
