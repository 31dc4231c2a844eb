"""Attacks on the running application: what each of them must leave untouched."""
