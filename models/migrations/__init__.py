"""Numbered steps that bring a database to the tables of today; one head."""
