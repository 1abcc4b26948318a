"""The people of a case beside the child: household, parties, practitioners, and how they are related."""
