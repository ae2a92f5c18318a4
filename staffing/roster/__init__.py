"""Named people on the agents curve: lawful, fair, and how far from the best."""
