"""What people can ask for: one file or folder per noun, one function per verb."""
