package trial

import (
	"context"
	"time"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

const (
	writesPerSecond = 500
	writesAtOnce    = 20
)

// writing is a writer at work.
type writing struct {
	began  time.Time
	cancel context.CancelFunc
	made   chan int // how many changes there were, once it is done
	err    error    // then
}

// write has documents changed until it is stopped. When it returns, the first
// of them are.
func write(ctx context.Context, world connectortest.Writer) (*writing, error) {
	c := connectortest.Changes{Seed: writingSeed, Updates: writesAtOnce / 2, Deletes: writesAtOnce / 5, Added: writesAtOnce * 3 / 10}
	if err := world.Write(ctx, c); err != nil {
		return nil, err
	}
	w := &writing{began: time.Now(), made: make(chan int, 1)}
	working, cancel := context.WithCancel(ctx)
	w.cancel = cancel
	go func() {
		made, tick := c.Count(), time.NewTicker(time.Second*writesAtOnce/writesPerSecond)
		defer tick.Stop()
		for working.Err() == nil && w.err == nil {
			select {
			case <-working.Done():
			case <-tick.C:
				c.Seed++
				made += c.Count()
				w.err = world.Write(ctx, c) // to its end, so that the truth is known
			}
		}
		w.made <- made
	}()
	return w, nil
}

// stop waits until the last change is made. A slow system takes fewer a second
// than it is given.
func (w *writing) stop() (made, perSecond int, err error) {
	w.cancel()
	made = <-w.made
	return made, int(float64(made) / time.Since(w.began).Seconds()), w.err
}
