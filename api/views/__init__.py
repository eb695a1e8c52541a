"""The pages where people keep tokens and webhooks."""
