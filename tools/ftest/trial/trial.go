// Package trial is the functional test of one source: the real program syncs a
// real system whose content is known, and the index is compared with it.
package trial

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// The exit codes: a source that is not as it must be, or a test that could not
// be made.
const (
	Done = iota
	Red
	Unusable
)

// options are the flags of the program that tests one source.
type options struct {
	source    string // service type
	size      string
	documents int
	program   string // path of the built program
	dir       string // for all files
	cover     string // for what was covered
	url       string // of Elasticsearch
}

// Main tests one source with its fixture, as the flags say, and returns the
// exit code. It is the whole of the program that tools/ftest writes for each
// source, so that each is built without the drivers of all others.
func Main(source string, fixture connectortest.Fixture) int {
	o := options{source: source}
	flag.StringVar(&o.size, "size", "", "name of the size")
	flag.IntVar(&o.documents, "documents", 0, "documents to begin with")
	flag.StringVar(&o.program, "program", "", "the built program")
	flag.StringVar(&o.dir, "dir", "", "folder for all files")
	flag.StringVar(&o.cover, "cover", "", "folder for what was covered")
	flag.StringVar(&o.url, "url", "", "address of Elasticsearch")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, o, fixture, os.Stdout)
}

func run(ctx context.Context, o options, fixture connectortest.Fixture, out io.Writer) int {
	t := &trial{options: o, out: out, index: index{url: o.url, name: "search-ftest-" + o.source}}
	functional, ok := fixture.(connectortest.Functional)
	if !ok {
		return t.conclude(fmt.Errorf("the fixture is no connectortest.Functional: give %T a method World", fixture), false)
	}
	var err error
	b := &bench{name: o.source, dir: o.dir, out: out, context: func() context.Context { return ctx }}
	ok = b.run(func() {
		if t.program, err = NewProgram(o.program, filepath.Join(o.dir, "program"), o.cover, "ELASTICSEARCH_URL="+o.url); err != nil {
			return
		}
		t.world = functional.World(b, o.documents)
		b.Cleanup(func() { t.halt() })
		err = t.steps(ctx, b)
	})
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	return t.conclude(err, ok)
}

// conclude writes the closing line.
func (t *trial) conclude(err error, ok bool) int {
	head, code := fmt.Sprintf("ftest %s %s: ", t.source, t.size), Done
	var red redError
	switch {
	case errors.As(err, &red):
		fmt.Fprintf(t.out, "%sRED: %v\n", head, err)
		code = Red
	case err != nil:
		fmt.Fprintf(t.out, "%snot tested: %v\n", head, err)
		code = Unusable
	case !ok:
		fmt.Fprintf(t.out, "%snot tested: the fixture failed\n", head)
		code = Unusable
	default:
		fmt.Fprintf(t.out, "%sok, %s, %s\n", head, documents(t.first.documents), t.totals())
	}
	return code
}

// redError says what of the source is not as it must be.
type redError string

func (e redError) Error() string { return string(e) }

func redf(format string, args ...any) error { return redError(fmt.Sprintf(format, args...)) }
