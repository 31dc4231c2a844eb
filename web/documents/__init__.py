"""Papers to print, from values to bytes: no request, no database."""
