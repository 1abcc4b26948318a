"""Work that passes from one partnership to another: offered, carried across, answered, and told on both sides."""
