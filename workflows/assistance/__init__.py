"""The subject matter: what social assistance produces, one file per noun.

An operation never imports the runtime: it works in the transaction that it is called in.
"""
