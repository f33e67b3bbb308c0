"""A storage that another machine serves: for agents that cannot reach the database itself.

`operations` is the one table of what can be asked, from which the server makes its routes and its OpenAPI description;
`codec` turns arguments, results and errors into JSON and back; `client` is the storage.
"""
