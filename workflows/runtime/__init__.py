"""The runtime: cases move on, people complete tasks, timers fire, operations do their work."""
