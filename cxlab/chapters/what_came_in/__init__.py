"""What came in: files, rejected rows, who answered and who did not."""
