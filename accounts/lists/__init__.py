"""What every long list has in common: views under a name, columns, ticked rows, acts on several, files.

A room describes its list once (`kinds.ListKind`) and registers it in its `AppConfig.ready`; the pages here do the rest.
"""
