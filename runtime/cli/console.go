package cli

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// console is the standard error. While a progress line is drawn, other text
// goes above it.
type console struct {
	mu    sync.Mutex
	plain io.Writer
	above io.Writer // nil while there is no progress line
}

func newConsole(w io.Writer) *console { return &console{plain: w} }

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.above != nil {
		if n, err := c.above.Write(b); err == nil {
			return n, nil
		}
	}
	return c.plain.Write(b)
}

// redirect sends text to w, or back to the standard error when w is nil.
func (c *console) redirect(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.above = w
}

// terminal reports whether a stream is a terminal.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
