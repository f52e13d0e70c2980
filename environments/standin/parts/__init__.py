"""The servers of the stand-in, one file each."""
