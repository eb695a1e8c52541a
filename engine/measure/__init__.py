"""The arithmetic: key points in, numbers out. No film, no network, no database."""
