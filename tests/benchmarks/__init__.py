"""The gate against other ways to ask as many questions: `make bench` measures, and writes docs/benchmarks.md."""
