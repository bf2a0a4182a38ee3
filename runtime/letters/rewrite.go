package letters

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// remove takes out the letters that gone names. A file without letters is
// removed.
func (f file) remove(gone func(*Letter) bool) error {
	kept := false
	lost, err := f.dropped()
	if err != nil {
		return err
	}
	err = f.rewrite(func(_ []byte, l *Letter) bool {
		stays := !gone(l)
		kept = kept || stays
		return stays
	}, func() []byte {
		if lost == 0 {
			return nil
		}
		line, _ := json.Marshal(dropped{lost}) // a number can't fail
		return line
	})
	if err == nil && !kept {
		if err = os.Remove(f.path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
}

// rewrite writes the file anew with the letters that keep wants. What first
// returns, when all letters were seen, comes before them.
func (f file) rewrite(keep func(line []byte, l *Letter) bool, first func() []byte) error {
	out, err := os.CreateTemp(filepath.Dir(f.path), ".letters-*") // 0600
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = errors.Join(f.copyTo(out, keep, first), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(out.Name())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f file) copyTo(out io.WriteSeeker, keep func(line []byte, l *Letter) bool, first func() []byte) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	return copyLetters(out, in, keep, first)
}

// copyLetters leaves room for the first line, which is known last.
func copyLetters(out io.WriteSeeker, in io.Reader, keep func(line []byte, l *Letter) bool, first func() []byte) error {
	w := bufio.NewWriter(out)
	_, _ = w.Write(append(bytes.Repeat([]byte{' '}, firstLine-1), '\n')) // errors come with Flush
	err := readLines(in, func(line []byte) error {
		l, ok := parse(line)
		if !ok || !keep(line, l) {
			return nil
		}
		_, _ = w.Write(line)
		return w.WriteByte('\n')
	})
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	if _, err = out.Seek(0, io.SeekStart); err == nil {
		_, err = out.Write(first())
	}
	return err
}

// firstLine is the room for the count of what was dropped.
const firstLine = 40
