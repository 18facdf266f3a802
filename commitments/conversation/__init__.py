"""Conversation: comments on commitments and updates."""
