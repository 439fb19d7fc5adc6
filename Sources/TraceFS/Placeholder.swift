// tracefs
