"""`make soak`: kill processes under load, plant faults, fuzz what outsiders send, and look."""
