"""The pages around what leaves the house: links, documents, data."""
