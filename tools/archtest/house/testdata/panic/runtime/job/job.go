package job

// Run fails.
func Run() { panic("no") }
