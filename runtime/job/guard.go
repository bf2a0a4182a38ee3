package job

import "fmt"

// Guard keeps a source that suddenly shows little or nothing from emptying
// its index: a run may delete at most Share of the own documents or Few
// documents, and never all of them, unless deletes are allowed for that run.
type Guard struct {
	Share float64 // of the own documents, 0 to 1
	Few   int     // documents that may always go
}

// GuardError says that a run would have deleted too much. Nothing was deleted.
type GuardError struct {
	Own, Gone int // documents in the index, and those the source did not emit
	Share     float64
	Few       int
}

// Error says what was refused and how to go on.
func (e *GuardError) Error() string {
	why := fmt.Sprintf("allowed are %.0f %% or %d", e.Share*100, e.Few)
	if e.Gone == e.Own {
		why = "that is all of them"
	}
	return fmt.Sprintf("the source no longer has %d of the %d documents in the index (%s): nothing was deleted; "+
		"if the source is right, allow it for one run with --allow-deletes", e.Gone, e.Own, why)
}

// check returns a *GuardError when gone of own documents are too many.
func (g Guard) check(own, gone int) error {
	few := gone <= g.Few || float64(gone) <= g.Share*float64(own)
	if gone == 0 || few && gone < own {
		return nil
	}
	return &GuardError{Own: own, Gone: gone, Share: g.Share, Few: g.Few}
}
