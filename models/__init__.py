"""The tables of Doudi, one file per table or tight family; nothing else."""
