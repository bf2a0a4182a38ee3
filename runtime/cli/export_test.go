package cli

import "io/fs"

// GroupLimit opens the reading of a control group's limit.
func GroupLimit(root fs.FS) int64 { return groupLimit(root) }
