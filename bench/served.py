"""The main app of the peer that the variable PEER names, for a server: `granian … served:app`."""

import importlib
import os

app = importlib.import_module(f"peers.{os.environ['PEER']}").APPS["main"]()
