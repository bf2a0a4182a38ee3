package directory

import (
	"os"
	"runtime"
)

// tree is the directory as one sync finds it. All files are opened through it,
// so no link, name or race leads out of it. Contents are read when the walk may
// be over, or never: it stays open for as long as one of them can be reached.
type tree struct {
	*os.Root
}

func openTree(path string) (*tree, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	t := &tree{root}
	runtime.AddCleanup(t, func(root *os.Root) { _ = root.Close() }, root)
	return t, nil
}
