"""People, their memberships, qualifications and areas, as administrators and rota managers keep them."""
