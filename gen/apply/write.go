package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Execute carries out the plan below a folder. Each file is replaced as a
// whole by a rename; stale files go last. With foreign files in the way it
// changes nothing.
func (p Plan) Execute(root string) error {
	if len(p.Foreign) > 0 {
		return p.Foreign
	}
	names := make([]string, 0, len(p.Write))
	for name := range p.Write {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := Replace(filepath.Join(root, filepath.FromSlash(name)), p.Write[name]); err != nil {
			return err
		}
	}
	for _, name := range p.Remove {
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Replace writes a file so that no reader sees a part of it. The mode of a
// file that is there stays.
func Replace(name string, content []byte) (err error) {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".gen-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// Create writes a file that must not be there yet.
func Create(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
