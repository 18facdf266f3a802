"""Chaos: the product's real processes, killed and misled on purpose, on this machine only.

Nothing here changes the product: the chaos has a Celery application of its own (app.py), in which
the clock can be moved. Bounded in time; ends only the processes that it started.
"""
