// Users of the library name events, aliases, filters and paths without having to know which module holds them.
@_exported public import SocketEvents
@_exported public import SocketNames
@_exported public import SystemPackage
