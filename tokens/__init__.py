"""What is issued, how it rests and how it stops counting; knows no user row and no client row."""
