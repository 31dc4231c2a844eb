"""Queries for the people who work on cases: queues, one task, cases, alerts. Nothing is changed."""
