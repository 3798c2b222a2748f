"""What admins, leads and agents see of mail, and the address that other servers post to."""
