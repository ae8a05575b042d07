"""Files kept with what happened: looked at by content, stored outside the web root, read through the access check."""


class Refused(ValueError):
    """A file that is not kept. Its text says why, to whoever sent it."""

    def __init__(self, words):
        super().__init__(words)
        self.words = words
