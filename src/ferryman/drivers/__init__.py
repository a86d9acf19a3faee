"""Drivers: what moves runs in the world. A driver folds events, keeps them, carries out wants, and delivers what comes
back as events; every rule is the machine's."""
