"""Pages about people: an organisation's, on the way in, and one's own account."""
