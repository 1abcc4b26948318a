"""Deaths of children of the area or of its residents, and the notices that each is matched with."""
