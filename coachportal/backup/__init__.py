"""Copy a portal out while it runs, and back into an empty one, whichever database and storage each of them has."""
