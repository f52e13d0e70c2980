"""What should be true, and where: a folder per target, and the embedded stand-in."""
