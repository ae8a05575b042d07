"""Mail sent to somebody's personal address here: read, matched, kept with the client or laid into a tray."""
