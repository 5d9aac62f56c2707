"""FLOOR 1: what an app is fitted with, an interface and a default each."""
