"""Sweeps in a SQL database, by SQLAlchemy Core.

`tables` is the schema, `rows` turns rows into records and back, `storage` holds the transactions, which are the same
for every database; what is special to one database (how to connect, lock and begin) is in a file of its own: `sqlite`.
"""
