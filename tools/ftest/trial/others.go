package trial

import (
	"context"
	"io"
	"testing"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// Bench calls f with a testing.TB for fixtures and reports whether f came to
// its end without a failure. What f registered for the end is done then.
func Bench(ctx context.Context, name, dir string, out io.Writer, f func(testing.TB)) (ok bool) {
	b := &bench{name: name, dir: dir, out: out, context: func() context.Context { return ctx }}
	return b.run(func() { f(b) })
}

// Difference is how an index differs from what it must hold.
type Difference struct {
	// Documents are those of the index.
	Documents int
	// Missing, Unexpected and Different count ids.
	Missing, Unexpected, Different int
	// Text names the first ones; empty when there is no difference.
	Text string
}

// Compare reads an index over plain HTTP and compares ids and contents.
func Compare(ctx context.Context, url, name string, world connectortest.World) (Difference, error) {
	want, err := remember(world.Truth())
	if err != nil {
		return Difference{}, err
	}
	c, err := want.compare(index{url: url, name: name}.documents(ctx), world.Truth())
	if err != nil {
		return Difference{}, err
	}
	d := Difference{Documents: c.documents, Missing: c.missing, Unexpected: c.unexpected, Different: c.differs}
	if !c.equal() {
		d.Text = c.String()
	}
	return d, nil
}
