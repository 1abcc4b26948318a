"""Children who are the subject of a child protection plan, as their cases and conferences make it."""
