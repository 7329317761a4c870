"""Product cards of HTML pages: where they are, and what each says of its product."""
