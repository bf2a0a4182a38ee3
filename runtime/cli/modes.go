package cli

import (
	"os"
	"path/filepath"
	"runtime"
)

// warnModes warns about data of the embedded node that other users can read. It
// is made for this user alone; Windows has no such modes.
func (a *app) warnModes(dir string) {
	if runtime.GOOS == "windows" {
		return
	}
	for _, look := range []struct{ path, mode string }{{dir, "700"}, {filepath.Join(dir, "node.json"), "600"}} {
		info, err := os.Stat(look.path)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			a.warn("%s can be read by other users of this machine (mode %04o); run chmod %s %s", look.path, info.Mode().Perm(), look.mode, look.path)
		}
	}
}
