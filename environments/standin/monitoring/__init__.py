"""Small servers around the monitoring: the sinks for mail and webhooks, and what stands in for products not to be had here."""
