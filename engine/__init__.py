"""Our own measuring service: a separate site that speaks the Ochy Partner API and measures a film for real.

That API is what is called the contract here: openapi.yaml. Where the vendor documents nothing, it says what we do.
"""
