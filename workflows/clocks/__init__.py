"""Legal deadlines of a case: their derivation, their rows and their recorded changes."""
