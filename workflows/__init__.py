"""The host: executes the policy's diagrams; it knows no HTTP."""
