"""What-ifs: a table with something changed, solved again."""
