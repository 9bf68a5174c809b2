"""The thin package behind the course's notebooks: import the module that you need, e.g.

`from helpers import data`.
"""
