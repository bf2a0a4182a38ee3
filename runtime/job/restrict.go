package job

import (
	"context"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// restricted is the counter of documents that restrict has hidden.
const restricted = "restricted"

// restrict hides the documents that still lack an access list although readers
// are restricted: those that were indexed before document-level security was
// switched on and could not be read since. Their copies would stay as they are,
// for everybody to read. The next sync that can read them sends them again,
// whether readers are still restricted then or not.
func (s *Sync) restrict(ctx context.Context) error {
	if !s.Options.Access || s.Options.DryRun {
		return nil
	}
	nobody := []byte(`{"` + accessField + `":["` + connector.Nobody + `"],"_fingerprint":"` + s.Owner + `."}`)
	for last := ""; ; {
		ids, err := s.Index.Unlisted(ctx, s.Owner)
		if err != nil || len(ids) == 0 {
			return err
		}
		if ids[0] == last {
			return fmt.Errorf("document %s takes no access list", last)
		}
		last = ids[0]
		for _, id := range ids {
			if err := s.Sink.Put(ctx, Merge, id, nobody, restricted); err != nil {
				return err
			}
		}
		if err := s.Sink.Flush(ctx); err != nil {
			return err
		}
	}
}
