"""Groups of commands of the command line; ``backend.cli`` puts them together."""
