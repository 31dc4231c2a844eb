"""What becomes of a grant after it was confirmed: checks, changes, gradual exit, a wrong stop."""
