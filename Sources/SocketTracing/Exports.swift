// Users of the library name events, aliases and filters without having to know which module holds them.
@_exported public import SocketAliases
