"""What kind of value an expression gives, told from its text and the kinds of its names."""
