package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reads is notes with another GetDocs.
type reads struct {
	*notes
	getDocs func(n *notes, ctx context.Context, emit func(connector.Document) error) error
}

func (r reads) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	return r.getDocs(r.notes, ctx, emit)
}

// reading builds in another GetDocs.
func reading(getDocs func(n *notes, ctx context.Context, emit func(connector.Document) error) error) func(*connector.Kind) {
	return func(k *connector.Kind) {
		k.Open = openAs(func(n *notes) connector.Source { return reads{n, getDocs} })
	}
}

// altering builds in a change to every document.
func altering(change func(n *notes, i int64, d *connector.Document)) func(*connector.Kind) {
	return reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
		for i := range n.cfg.count {
			d := n.note(i)
			change(n, i, &d)
			if err := errors.Join(emit(d), ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	})
}

// readFaults are what GetDocs can do wrong.
var readFaults = map[string]variant{
	"not written": {
		change: reading(func(*notes, context.Context, func(connector.Document) error) error {
			return fmt.Errorf("%w: write it in notes.go:31", connector.ErrNotWritten)
		}),
		fails: []string{"complete"},
		says:  "write it in notes.go:31",
	},
	"duplicate ids": {
		change: altering(func(_ *notes, i int64, d *connector.Document) { d.ID = fmt.Sprint(i / 2) }),
		fails:  []string{"ids"},
		says:   "have the id",
	},
	"unstable ids": {
		change: altering(func(_ *notes, i int64, d *connector.Document) { d.ID = fmt.Sprint(time.Now().UnixNano(), i) }),
		fails:  []string{"ids"},
		says:   "in one run and not in the next",
	},
	"unstable bodies": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.Set("read_at", time.Now()) }),
		fails:  []string{"stable"},
		says:   "other fields in the second run",
	},
	"duplicate fields": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.Set("title", "again") }),
		fails:  []string{"fields"},
		says:   "title stands in it twice",
	},
	"reserved field": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.SetRaw("x", []byte(`1,"_id":2`)) }),
		fails:  []string{"fields"},
		says:   "_id is reserved",
	},
	"invalid JSON": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.SetRaw("x", []byte(`{"y":`)) }),
		fails:  []string{"fields"},
		says:   "no valid JSON",
	},
	"wrong size": {
		change: altering(func(_ *notes, _ int64, d *connector.Document) { d.Attachment.Size++ }),
		fails:  []string{"attachments"},
		says:   "its Size says",
	},
	"partial": {
		change: reading(func(n *notes, _ context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count / 2 {
				if err := emit(n.note(i)); err != nil {
					return err
				}
			}
			return nil
		}),
		fails: []string{"complete"},
		says:  "nil means that all were emitted",
	},
	"swallows emit's error": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				if emit(n.note(i)) != nil {
					return ctx.Err()
				}
			}
			return nil
		}),
		fails: []string{"emit-error"},
		says:  "return emit's error",
	},
	"replaces emit's error": {
		change: reading(func(n *notes, _ context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				if err := emit(n.note(i)); err != nil {
					return errors.New("write: " + err.Error())
				}
			}
			return nil
		}),
		fails: []string{"emit-error"},
		says:  "wrapped with %w",
	},
	"nil after a cancel": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				if ctx.Err() != nil {
					return nil
				}
				if err := emit(n.note(i)); err != nil && ctx.Err() == nil {
					return err
				}
			}
			return nil
		}),
		fails: []string{"cancel/before", "cancel/while-emitting", "cancel/while-blocked", "cancel/unnoticed"},
		says:  "returned nil although it was cancelled",
	},
	"emits after a cancel": {
		change: reading(func(n *notes, _ context.Context, emit func(connector.Document) error) error {
			var failed error
			for i := range n.cfg.count {
				failed = errors.Join(failed, emit(n.note(i)))
			}
			return failed
		}),
		fails: []string{"emit-error", "cancel/before", "cancel/while-emitting", "cancel/while-blocked"},
		says:  "stop at the first error of emit",
	},
	"ignores cancel": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				if err := emit(n.note(i)); err != nil {
					return err
				}
				if ctx.Err() != nil {
					time.Sleep(2500 * time.Millisecond) // a request without ctx
					return ctx.Err()
				}
			}
			return nil
		}),
		fails: []string{"cancel/unnoticed"},
		says:  "give ctx to every call that waits",
	},
	"writes to what was emitted": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				d := n.note(i)
				if err := errors.Join(emit(d), ctx.Err()); err != nil {
					return err
				}
				d.Attachment.Size = 0
			}
			return nil
		}),
		fails: []string{"attachments", "untouched"},
		says:  "was changed after emit",
	},
	"panics": {
		change: altering(func(_ *notes, i int64, _ *connector.Document) {
			if i == 7 {
				panic("no such note")
			}
		}),
		fails: []string{"complete"},
		says:  "GetDocs panicked (readfaults_test.go:",
	},
	"leaks a goroutine": {
		change: altering(func(_ *notes, i int64, _ *connector.Document) {
			if i == 0 {
				go time.Sleep(time.Minute)
			}
		}),
		fails: []string{"goroutines"},
		says:  "goroutines are left",
	},
	"emits late": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			for i := range n.cfg.count {
				if err := errors.Join(emit(n.note(i)), ctx.Err()); err != nil {
					go emit(n.note(i))
					return err
				}
			}
			return nil
		}),
		fails: []string{"late"},
		says:  "had returned: the engine refuses it",
	},
	"fills memory": {
		change: reading(func(n *notes, _ context.Context, emit func(connector.Document) error) error {
			var all []connector.Document
			for i := range n.cfg.count {
				all = append(all, n.note(i))
			}
			for _, d := range all {
				if err := emit(d); err != nil {
					return err
				}
			}
			return nil
		}),
		fails: []string{"memory"},
		says:  "memory must not grow with the data",
	},
	"keeps ids": {
		change: reading(func(n *notes, _ context.Context, emit func(connector.Document) error) error {
			seen := map[string]bool{}
			for i := range n.cfg.count {
				d := n.note(i)
				d.ID = fmt.Sprintf("%032d", i)
				seen[d.ID] = true
				if err := emit(d); err != nil {
					return err
				}
			}
			if len(seen) == 0 {
				return errors.New("nothing there")
			}
			return nil
		}),
		fails: []string{"memory"},
		says:  "memory must not grow with the data",
	},
	"many goroutines": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for part := range errs {
				wg.Go(func() {
					for i := int64(part); i < n.cfg.count && errs[part] == nil; i += int64(len(errs)) {
						errs[part] = errors.Join(emit(n.note(i)), ctx.Err())
					}
				})
			}
			wg.Wait()
			return errors.Join(errs...)
		}),
	},
	"secret in the log": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			n.deps.Log.Debug("token " + n.cfg.token.Reveal())
			return n.GetDocs(ctx, connector.Filter{}, emit)
		}),
		fails: []string{"read-secrets"},
		says:  `the log (readfaults_test.go:`,
	},
	"secret in an error": {
		change: reading(func(n *notes, ctx context.Context, emit func(connector.Document) error) error {
			if n.cfg.token.Reveal() != "opensesame-41" {
				return fmt.Errorf("log in with %q: wrong", n.cfg.token.Reveal())
			}
			return n.GetDocs(ctx, connector.Filter{}, emit)
		}),
		fails: []string{"read-secrets"},
		says:  "the error of GetDocs",
	},
	"unreadable documents": {
		change: altering(func(_ *notes, i int64, d *connector.Document) {
			if i == 7 {
				d.Set("bad", func() {})
			}
		}),
		fails: []string{"complete"},
		says:  "has Err although",
	},
}
