"""How the bundled compact network was trained. Needs PyTorch, which the product never imports; see README.md here."""
