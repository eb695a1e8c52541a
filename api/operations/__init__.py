"""What can be asked, room by room. Each operation finds its rows through the portal's gate and calls one action."""
