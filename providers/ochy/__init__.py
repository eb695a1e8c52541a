"""The Ochy Partner API, spoken by Ochy and by our own engine."""
