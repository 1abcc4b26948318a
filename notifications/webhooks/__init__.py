"""Other systems told of what happened, by signed webhooks that carry ids alone."""
