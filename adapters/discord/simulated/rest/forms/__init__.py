"""What requests say, checked against every limit of Discord's and then read: messages and what hangs on them."""
