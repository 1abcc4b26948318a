"""The GraphQL API: schema, HTTP handler, and one package for each domain."""
