"""Who is to be called now about a child: one question over areas, hours, services, desks and rotas."""
