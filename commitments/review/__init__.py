"""Joint review: what the partners of a commitment answer to an update, and disputes."""
