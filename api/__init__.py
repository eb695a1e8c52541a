"""The portal for machines: a REST interface, the tokens that open it, and the calls that tell what has ended."""
