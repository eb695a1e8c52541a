"""The pages of the measuring, in the order somebody meets them."""
