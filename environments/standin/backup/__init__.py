"""The stand-in's backups: the job that makes them, the bucket they go to, and the way back."""
