"""Families in motion: households change, move and are found twice; each change is decided."""
