"""What results mean and where methods come from."""
