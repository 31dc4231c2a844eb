"""Money: the ledger, payments, monthly rolls, bank files, the petty funds of the townships."""
