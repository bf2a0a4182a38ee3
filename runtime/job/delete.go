package job

import (
	"context"
	"fmt"
)

// deleteGone deletes what the first scan saw and the source did not emit. It
// scans again for the ids, since only their hashes were kept, and deletes a
// document only if nobody changed it since.
func (s *Sync) deleteGone(ctx context.Context) error {
	lost, byRule := s.stored.gone()
	if lost+byRule == 0 {
		return nil
	}
	if !s.Options.AllowDeletes {
		if err := s.Options.Guard.check(s.stored.size, lost); err != nil {
			return err
		}
	}
	err := s.Index.Scan(ctx, func(id, print []byte, seqNo, primaryTerm int64) error {
		if _, own := s.owns(print); !own {
			return nil
		}
		_, marks := s.stored.find(s.stored.hashBytes(id))
		if marks == nil || *marks&seen != 0 {
			return nil
		}
		return s.Sink.Delete(ctx, string(id), seqNo, primaryTerm)
	})
	if err != nil {
		return fmt.Errorf("delete what is gone from the source: %w", err)
	}
	if err := s.Sink.Flush(ctx); err != nil {
		return fmt.Errorf("delete what is gone from the source: %w", err)
	}
	return nil
}
