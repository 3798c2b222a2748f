"""What each page costs beside a bare route, as ratios of one run: `make bench`."""
