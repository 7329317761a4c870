"""The demo shop: a drawn catalogue of T-shirts and the storefront that serves it."""
