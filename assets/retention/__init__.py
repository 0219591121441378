"""What is kept how long, as the seed ``retention`` says, and the removal of what is older."""
