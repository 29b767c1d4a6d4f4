"""What lies at one key where tabs share it: entries, whole states, and how they become one."""
