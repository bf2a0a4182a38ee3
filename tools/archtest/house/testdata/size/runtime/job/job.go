package job

// Long is too long.
func Long() {
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
	println()
}

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.

// A line.
