package trial

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// tree is the files of one connector, and what they hold.
type tree struct {
	dir     string
	weather *weather
	files   map[string]string
	made    int // counts the texts
}

// grow makes the first files.
func (t *tree) grow(files int) error {
	for range files {
		if err := t.write(t.name(2 * files)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) name(below int) string {
	n := t.weather.number(below)
	return filepath.Join(t.dir, fmt.Sprint(n%7), fmt.Sprintf("file-%d.txt", n))
}

func (t *tree) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	t.made++
	text := fmt.Sprintf("text %d of %s: %d", t.made, filepath.Base(path), t.weather.number(1<<30))
	t.files[path] = text
	return os.WriteFile(path, []byte(text), 0o644)
}

// change makes, rewrites and removes some files. It never removes most of
// them, which the service would take for a mistake.
func (t *tree) change(size int) error {
	for range 5 + t.weather.number(size/2) {
		if t.weather.chance(750) {
			if err := t.write(t.name(2 * size)); err != nil {
				return err
			}
			continue
		}
		if len(t.files) < size/2 {
			continue
		}
		names := slices.Sorted(maps.Keys(t.files))
		gone := names[t.weather.number(len(names))]
		if err := os.Remove(gone); err != nil {
			return err
		}
		delete(t.files, gone)
	}
	return nil
}

// differences says how documents differ from the files, with a few examples.
func (t *tree) differences(documents map[string]string) (list []string) {
	const most = 5
	for path, text := range t.files {
		switch got, there := documents[path]; {
		case !there:
			list = append(list, path+" is lost")
		case got != text:
			list = append(list, fmt.Sprintf("%s holds %q and must hold %q", path, got, text))
		}
	}
	for path := range documents {
		if _, there := t.files[path]; !there {
			list = append(list, path+" is gone from the source and still there")
		}
	}
	slices.Sort(list)
	if len(list) > most {
		list = append(list[:most], fmt.Sprintf("and %d more", len(list)-most))
	}
	return list
}

// onDisk counts the files, so that a mistake of the trial itself shows.
func (t *tree) onDisk() (n int, err error) {
	err = filepath.WalkDir(t.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	return n, err
}
