"""The one way to write about people: every change asks who may, holds all or nothing, is in the
history under the name of who did it, and tells the people concerned.
"""
