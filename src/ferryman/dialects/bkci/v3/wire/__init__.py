"""Wire models of BK-CI: structs named and cased as its documents name them."""
