"""Files meant to break us, and what becomes of them: ./portal fuzz-uploads."""
