"""The messenger between the database, which knows what is due, and the processes that do it."""
