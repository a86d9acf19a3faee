"""Executors: who carries out attempts of steps. One folder each; none knows another."""
