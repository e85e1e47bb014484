"""What a user would pick instead, written as someone who knows that tool well would."""
