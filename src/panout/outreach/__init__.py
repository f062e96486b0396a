"""What we say and as whom: playbooks, templates, lint, tasks, the outbox."""
