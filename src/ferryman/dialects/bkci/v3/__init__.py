"""Version 3 of BK-CI's open API."""
