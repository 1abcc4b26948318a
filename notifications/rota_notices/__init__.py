"""What a rota's manager is told. Stands over rotas and alerts, which do not know it."""
