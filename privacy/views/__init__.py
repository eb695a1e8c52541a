"""Pages of consent, of what left the house, of a runner's export and of erasing."""
