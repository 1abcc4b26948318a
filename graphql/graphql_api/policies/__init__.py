"""Alert policies, previews of them, and alarms that they reach nobody."""
