"""How plugins are judged: comparing, changing records, other threads and other processes. No pytest in here."""
