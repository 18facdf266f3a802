"""Renames, mergers, splits and transfers: registered ahead of time, previewed, reversed.

effects.py    what other parts of the product say a change would do, and what hangs on one
queries.py    a change as it is planned, what is wrong with it, what is registered
actions.py    register a change, reverse one
proposals.py  what a newer register file would change
"""
