"""Dependencies: milestones that wait on milestones of others."""
