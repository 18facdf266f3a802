"""Conversation: comments on commitments and updates.

naming.py    whom a comment may name, and whom it names
linking.py   what people wrote, as a page prints it
"""
