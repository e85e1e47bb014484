"""What animap costs, measured beside what a user would pick instead: `make bench`."""
