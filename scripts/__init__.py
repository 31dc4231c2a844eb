"""Programs for developers and operators; the product imports nothing from here."""
