"""The application's background work: Celery's application, its tasks, and what the clock starts."""
