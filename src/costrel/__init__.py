"""The face: every public name, re-exported and nothing else."""
