"""The study of China and the United States: its index, claims, results and report."""
