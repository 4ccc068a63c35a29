"""The parts of the store of sessions: pose files, recipes of coaches, tables; used through `app.store.history`."""
