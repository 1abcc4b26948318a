"""The pages for developers of other systems: plain HTML without a script, made from the schema itself."""
