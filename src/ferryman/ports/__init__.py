"""What the inside asks of the outside: protocols only, one file each. Whoever implements one passes its contract in
`ferryman.testing`."""
