"""People in organisations: how they come in, what they are there, and how they go.

`rules` says who may give what, `queries` reads, `actions` writes, `messages` tells the people
concerned, and `duties` is where other parts of the product say what somebody leaves behind.
"""
