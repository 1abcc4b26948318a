"""Floor under every domain: settings, sessions, ids, time, tasks, audit, logging. No domain in it."""
