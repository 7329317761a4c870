"""What may go wrong, in one line with the way out."""


class BackupError(Exception):
    """A backup that cannot be made or restored."""
