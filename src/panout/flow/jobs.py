"""Every background job. A job is an alarm clock: it looks for rows that wait, and losing it loses only time."""
