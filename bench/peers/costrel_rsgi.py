from peers.costrel_asgi import APPS, LACKS

__all__ = ["APPS", "LACKS", "PROTOCOL"]
PROTOCOL = "rsgi"
