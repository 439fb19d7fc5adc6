/// Presence of kernel symbols.
