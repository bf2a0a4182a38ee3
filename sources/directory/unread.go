package directory

import (
	"errors"
	"fmt"
	"strings"
)

var errReplaced = errors.New("it was replaced while the directory was read")

// shown is how many directories an error names.
const shown = 3

// unread remembers the directories that could not be read. Files in them may
// exist and be in the index, so the sync must not end as a complete one.
type unread struct {
	count    int
	examples []error
}

func (u *unread) add(path string, err error) {
	u.count++
	if len(u.examples) < shown {
		u.examples = append(u.examples, fmt.Errorf("%s: %w", path, reason(err)))
	}
}

// err returns what to do about them, or nil when there are none.
func (u *unread) err(directory string) error {
	if u.count == 0 {
		return nil
	}
	return &UnreadError{Directory: directory, Count: u.count, Examples: u.examples}
}

// UnreadError says that some directories could not be read. All files in
// others were emitted.
type UnreadError struct {
	// Directory is the configured one.
	Directory string
	// Count is how many could not be read; Examples says why for the first.
	Count    int
	Examples []error
}

// Error names the first directories and what to do.
func (e *UnreadError) Error() string {
	texts := make([]string, len(e.Examples))
	for i, example := range e.Examples {
		texts[i] = example.Error()
	}
	if e.Count > len(texts) {
		texts = append(texts, fmt.Sprintf("and %d more", e.Count-len(texts)))
	}
	return fmt.Sprintf("directory %s: what is in these directories could not be read, so nothing is deleted from the index: %s; grant access to them, or exclude them",
		e.Directory, strings.Join(texts, ", "))
}

// Unwrap returns the examples.
func (e *UnreadError) Unwrap() []error { return e.Examples }
