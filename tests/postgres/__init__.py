"""What only a real PostgreSQL shows: races, locks, deadlocks."""
