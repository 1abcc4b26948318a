"""One module a provider; each speaks its wire format and names outcomes in our terms."""
