package mistakes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// faulty are the GetDocs of the table. The line that the author has to change, or
// that leads to it, ends with the words "wrong: " and the mistake.
func faulty() map[string]func(context.Context, *shop, emitter) error {
	return map[string]func(context.Context, *shop, emitter) error{
		"none": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error { return emit(document(i)) })
		},
		"a document without id": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.ID = ""
				return emit(d) // wrong: a document without id
			})
		},
		"ids that are not unique": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.ID = i.Group
				return emit(d) // wrong: ids that are not unique
			})
		},
		"ids that change": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.ID = fmt.Sprint(i.ID, time.Now().UnixNano())
				return emit(d) // wrong: ids that change
			})
		},
		"goes on after emit failed": func(ctx context.Context, s *shop, emit emitter) error {
			var failed error
			err := s.each(context.WithoutCancel(ctx), func(i item) error {
				failed = errors.Join(failed, emit(document(i))) // wrong: goes on after emit failed
				return nil
			})
			return errors.Join(failed, err)
		},
		"ignores cancel": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(context.WithoutCancel(ctx), func(i item) error {
				if ctx.Err() != nil {
					time.Sleep(2500 * time.Millisecond) // wrong: ignores cancel
					return ctx.Err()
				}
				return emit(document(i))
			})
		},
		"swallows the error of emit": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				if emit(document(i)) != nil { // wrong: swallows the error of emit
					return ctx.Err()
				}
				return nil
			})
		},
		"swallows the error of a page": func(ctx context.Context, s *shop, emit emitter) error {
			for n, more := 0, true; more; n++ {
				items, next, err := s.page(ctx, s.deps.HTTP, n) // wrong: swallows the error of a page
				if err != nil {
					s.deps.Log.Warn("a page is missing", "error", err)
					return nil
				}
				more = next
				for _, i := range items {
					if err := emit(document(i)); err != nil {
						return err
					}
				}
			}
			return nil
		},
		"swallows the error of a page of its own client": func(ctx context.Context, s *shop, emit emitter) error {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			for n, more := 0, true; more; n++ {
				items, next, err := s.page(ctx, client, n)
				if err != nil {
					return ctx.Err()
				}
				more = next
				for _, i := range items {
					if err := emit(document(i)); err != nil { // wrong: swallows the error of a page of its own client
						return err
					}
				}
			}
			return nil
		},
		"an empty shop when the token is refused": func(ctx context.Context, s *shop, emit emitter) error {
			err := s.each(ctx, func(i item) error { return emit(document(i)) }) // wrong: an empty shop when the token is refused
			if errors.Is(err, errRefused) {
				return nil
			}
			return err
		},
		"leaks a goroutine": func(ctx context.Context, s *shop, emit emitter) error {
			go time.Sleep(time.Minute) // wrong: leaks a goroutine
			return s.each(ctx, func(i item) error { return emit(document(i)) })
		},
		"fields in the order of a map": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := connector.NewDocument(i.ID)
				for name, value := range map[string]string{"name": i.Name, "group": i.Group, "kind": "item", "shop": "a", "state": "new"} {
					d.Set(name, value)
				}
				return emit(d) // wrong: fields in the order of a map
			})
		},
		"the time of reading in a document": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.Set("read_at", time.Now())
				return emit(d) // wrong: the time of reading in a document
			})
		},
		"all documents in memory": func(ctx context.Context, s *shop, emit emitter) error {
			var all []connector.Document
			if err := s.each(ctx, func(i item) error { all = append(all, document(i)); return nil }); err != nil {
				return err
			}
			for _, d := range all {
				if err := emit(d); err != nil { // wrong: all documents in memory
					return err
				}
			}
			return nil
		},
		"writes to a document after emit": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				err := emit(d) // wrong: writes to a document after emit
				d.Set("group", i.Group)
				return err
			})
		},
		"a secret in the log": func(ctx context.Context, s *shop, emit emitter) error {
			s.deps.Log.Debug("log in with " + s.token.Reveal()) // wrong: a secret in the log
			return s.each(ctx, func(i item) error { return emit(document(i)) })
		},
		"a secret in a document": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.Set("link", s.url+"/"+i.ID+"?token="+s.token.Reveal())
				return emit(d) // wrong: a secret in a document
			})
		},
		"panics": func(ctx context.Context, s *shop, emit emitter) error {
			return s.each(ctx, func(i item) error {
				d := document(i)
				d.Set("initial", string(i.Name[5])+string(i.Name[len("Item 100")])) // wrong: panics
				return emit(d)
			})
		},
	}
}
