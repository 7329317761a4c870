"""What can go wrong in indexing. Commands turn these into `CommandError`, pages into 4xx and 503."""


class IndexingError(Exception):
    """Base: one line that names the thing and the way out."""


class ImagesError(IndexingError):
    """No folder, an empty one, or not one readable preview in it."""


class WeightsError(IndexingError):
    """A weights file that is missing, damaged, of the wrong shape, or cannot be downloaded."""


class EngineError(IndexingError):
    """An engine that is not installed, not known, or whose numbers differ from the reference's."""


class IndexFileError(IndexingError):
    """An index file that cannot be used."""


class IndexMissingError(IndexFileError):
    """No file there: `manage.py build_index` makes one."""


class IndexDamagedError(IndexFileError):
    """Not an index: truncated, of another shape, or holding classes that an index does not need."""


class IndexVersionError(IndexFileError):
    """An index of another format version."""


class IndexChangingError(IndexFileError):
    """Somebody is writing the file: it is loaded when it is whole."""


class BuildLockedError(IndexingError):
    """Another build is writing the same index."""


class StorageError(IndexingError):
    """A disk that is full, or a folder that cannot be written: what was there before is untouched."""


class ClusterError(IndexingError):
    """A Dask cluster that does not answer, has no workers, or cannot do the work."""


class EvaluationError(IndexingError):
    """Labels or pairs that cannot be scored."""
