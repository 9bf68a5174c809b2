"""The course's models, one a module: `log_joint`, and exact answers where they exist."""
