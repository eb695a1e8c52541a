"""Our own measuring service: a separate site that speaks the Ochy contract over HTTP and measures a film for real."""
