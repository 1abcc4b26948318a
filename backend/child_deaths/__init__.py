"""The death of a child: notification, unexpected-death test, jurisdiction and the joint agency response."""
