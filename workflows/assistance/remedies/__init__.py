"""Reviews, lawsuits, petitions and complaints: registered, answered, and what follows from them."""
