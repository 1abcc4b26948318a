"""Whether rotas will hold: gaps, clashes and unreachable people seen ahead, and how fairly the load is shared."""
