"""Benefits that rise with their standard (提标): listed, approved by a person, applied."""
