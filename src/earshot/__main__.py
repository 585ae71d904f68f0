"""`python -m earshot`, for where the script is not on the path."""

from earshot.cli import main

main()
