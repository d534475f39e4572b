"""What follows from released numbers alone, and costs no budget."""
