"""The pages about people, what they may and did, and what their organisation decides for itself."""
