"""Web layer: middleware, error pages, forms and file formats."""
