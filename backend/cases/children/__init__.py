"""The children that cases are about, born or not, and what is known of each."""
