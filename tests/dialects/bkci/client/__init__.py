"""A client of BK-CI's API that knows nothing but the API, and what it walks through."""
