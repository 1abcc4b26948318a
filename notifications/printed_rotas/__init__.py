"""The current rotas and ladders on paper, for the day the network is down."""
