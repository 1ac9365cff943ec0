"""Run one command as a contained child process, so that it cannot harm us or outlive us."""
