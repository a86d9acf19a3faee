"""Contents by digest in a folder: `ab/cdef…`, each file complete and on the disk before it has its name."""

from ferryman.stores.contents.folder import ContentFolder

__all__ = ["ContentFolder"]
