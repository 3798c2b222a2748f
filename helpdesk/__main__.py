"""`python -m helpdesk` is the `helpdesk` command, for a checkout that is not installed."""

from helpdesk.cli import main

main()
