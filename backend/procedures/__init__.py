"""What manuals of procedures need beside their text: reading files, telling people, reviews that fall due."""
