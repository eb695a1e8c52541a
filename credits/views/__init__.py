"""The pages about credits: the ledger, what was used for what, and the rules."""
