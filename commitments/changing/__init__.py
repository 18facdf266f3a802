"""Baseline changes: asking to move a promised date or target, and deciding it."""
