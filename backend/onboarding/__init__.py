"""Setting partnerships up: the register, the archetype files and the rows they come to.

Runs as the owner of the database, from the command line; nothing here serves a request.
"""
