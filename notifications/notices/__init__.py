"""Messages to one person that are no alert: nobody has to answer them and no ladder follows."""
