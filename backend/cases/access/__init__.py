"""Teams, the lists of cases, restriction, and breaking the glass."""
