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
	"regexp"
)

// file is letters as lines of JSON, the oldest first; of several of one document
// the last one counts. A line that is no letter is passed over: a process may
// have been killed while it wrote.
//
// Lines are appended by one write each time, so that several processes may do it
// at once. What rewrites the file takes over what was appended meanwhile, but for
// the moment of the renaming.
type file struct {
	path string
	most int64 // bytes
}

const (
	// maxFile is the largest size of a file unless a store says otherwise.
	maxFile = 64 << 20
	// maxLine is the longest line that is read: a letter is smaller.
	maxLine = 2 * maxBody
)

// plainName is a connector's id that may be the name of a file.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// FileOf is the file of a connector's letters in a folder.
func FileOf(dir, connectorID string) string {
	name := connectorID
	if !plainName.MatchString(name) {
		name = "id-" + Key(connectorID, "")
	}
	return filepath.Join(dir, name+".ndjson")
}

// dropped is the line that says how many letters were dropped to make room.
type dropped struct {
	Dropped int64 `json:"dropped"`
}

// append adds lines, each without its end, and returns how many are in the file:
// with an error, as on a full disk, it may be some of them, and a torn line after
// those. When the file would be too large, the oldest letters go until it is a
// quarter smaller; gone is how many.
func (f file) append(lines [][]byte) (kept, gone int64, err error) {
	size, torn, err := f.state()
	if err != nil {
		return 0, 0, err
	}
	var b bytes.Buffer
	if torn {
		b.WriteByte('\n')
	}
	for _, line := range lines {
		b.Write(line)
		b.WriteByte('\n')
	}
	if size+int64(b.Len()) > f.most {
		if gone, err = f.shorten(size + int64(b.Len()) - f.most/4*3); err != nil {
			return 0, 0, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return 0, gone, err
	}
	out, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, gone, err
	}
	n, err := out.Write(b.Bytes())
	return whole(lines, n, torn), gone, errors.Join(err, out.Close())
}

// whole is how many of the lines are in the first n bytes that were written.
func whole(lines [][]byte, n int, torn bool) (kept int64) {
	if torn {
		n--
	}
	for _, line := range lines {
		if n -= len(line) + 1; n < 0 {
			break
		}
		kept++
	}
	return kept
}

// state is the size of the file, and whether its last line has no end.
func (f file) state() (size int64, torn bool, err error) {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer in.Close()
	if size, err = in.Seek(0, io.SeekEnd); err != nil || size == 0 {
		return size, false, err
	}
	var last [1]byte
	_, err = in.ReadAt(last[:], size-1)
	return size, last[0] != '\n', err
}

// shorten drops the oldest letters until so many bytes are gone, and counts them
// in the file's first line.
func (f file) shorten(bytes int64) (gone int64, err error) {
	before, err := f.dropped()
	if err != nil {
		return 0, err
	}
	err = f.rewrite(func(line []byte, _ *Letter) bool {
		if bytes <= 0 {
			return true
		}
		bytes -= int64(len(line)) + 1
		gone++
		return false
	}, func() []byte {
		line, _ := json.Marshal(dropped{before + gone}) // a number can't fail
		return line
	})
	return gone, err
}

// dropped is how many letters the file has lost to make room.
func (f file) dropped() (n int64, err error) {
	err = f.lines(func(line []byte) error {
		var d dropped
		if bytes.HasPrefix(line, []byte(`{"dropped":`)) && json.Unmarshal(line, &d) == nil {
			n = max(n, d.Dropped)
		}
		return nil
	})
	return n, err
}

// each calls visit for every letter, the oldest first. The line is valid during
// the call only.
func (f file) each(visit func(line []byte, l *Letter) error) error {
	return f.lines(func(line []byte) error {
		if l, ok := parse(line); ok {
			return visit(line, l)
		}
		return nil
	})
}

// parse reads a letter.
func parse(line []byte) (*Letter, bool) {
	var l Letter
	if len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &l) != nil || l.Key == "" || l.Key != Key(l.Connector, l.ID) {
		return nil, false
	}
	return &l, true
}

// lines calls visit for every line that is not too long.
func (f file) lines(visit func(line []byte) error) error {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	return readLines(in, visit)
}

func readLines(from io.Reader, visit func(line []byte) error) error {
	in := bufio.NewReaderSize(from, 64<<10)
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line) <= maxLine {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(line) > 0 && len(line) <= maxLine {
			if err := visit(bytes.TrimSuffix(line, []byte{'\n'})); err != nil {
				return err
			}
		}
		if line = line[:0]; err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
