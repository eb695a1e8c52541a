"""The pages about runners, the groups they train in, and the lists they come from."""
