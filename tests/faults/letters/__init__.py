"""Two kinds of mail for processes under test, one for us and one for clients."""
