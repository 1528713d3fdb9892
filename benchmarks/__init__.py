"""What the largest week costs; run by hand, written down in docs/benchmarks.md."""
