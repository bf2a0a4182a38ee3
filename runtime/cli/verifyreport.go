package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// verifyingLine is the first line of `verify --json`.
type verifyingLine struct {
	Type        string `json:"type"`      // "verifying"
	Connector   string `json:"connector"` // empty for a source
	ServiceType string `json:"service_type"`
	Index       string `json:"index"`
	Target      string `json:"target"` // address, or "embedded"
}

// differenceLine is a document of `verify --json` that is not as it should be.
type differenceLine struct {
	Type string `json:"type"` // "difference"
	job.Difference
}

// verifiedLine is the last line of `verify --json`.
type verifiedLine struct {
	Type      string           `json:"type"`   // "result"
	Status    string           `json:"status"` // "completed", "failed" or "canceled"
	Equal     bool             `json:"equal"`  // everything was compared, and nothing differs any more
	Index     string           `json:"index"`
	Fast      bool             `json:"fast"`
	Repair    bool             `json:"repair"`
	Findings  job.Findings     `json:"findings"`
	RuleHits  []rules.RuleHits `json:"rule_hits"`
	Disturbed bool             `json:"disturbed"` // a sync of the connector ran meanwhile
	Seconds   float64          `json:"seconds"`
	Error     *string          `json:"error"`
}

// differError says that an index is not known to be equal to its source. The
// command has reported how.
type differError struct{ text string }

func (e differError) Error() string { return e.text }

// shownDifferences are the first differences of each kind.
type shownDifferences []job.Difference

// shownOfAKind is how many documents of one kind are named to people.
const shownOfAKind = 10

func (s *shownDifferences) add(d job.Difference) {
	if d.Kind == job.Withdrawn {
		*s = slices.DeleteFunc(*s, func(other job.Difference) bool { return other.ID == d.ID })
		return
	}
	if len(s.of(d.Kind)) < shownOfAKind {
		*s = append(*s, d)
	}
}

func (s shownDifferences) of(kind job.Kind) (list []job.Difference) {
	for _, d := range s {
		if d.Kind == kind {
			list = append(list, d)
		}
	}
	return list
}

func (a *app) announceVerify(c *comparison) {
	if a.json {
		name := c.target.Address()
		if c.target.embedded {
			name = "embedded"
		}
		_ = a.printJSON(verifyingLine{"verifying", c.connector, c.serviceType, c.index, name})
	}
	a.inform("%s ↔ index %s on %s\n", c.name, c.index, c.target.name())
}

func (c *comparison) findings() job.Findings {
	if c.Verify == nil {
		return job.Findings{Unjudged: []string{}}
	}
	return c.Findings()
}

// concludeVerify reports what was found and returns the command's error.
func (a *app) concludeVerify(ctx context.Context, c comparison, err error) error {
	f := c.findings()
	verdict := c.verdict(f)
	if c.Verify != nil {
		a.inform("%s", c.text(f, err))
	}
	if a.json {
		for _, failure := range c.failures() {
			err = errors.Join(err, a.printJSON(failureLine{"failure", failure}))
		}
		line := verifiedLine{Type: "result", Status: "completed", Equal: err == nil && verdict == nil, Index: c.index, Fast: c.flags.fast, Repair: c.flags.repair,
			Findings: f, RuleHits: c.rules.Tally(), Disturbed: c.other, Seconds: c.took.Seconds()}
		if err != nil {
			text := a.redact.Text(err.Error())
			line.Error, line.Status = &text, "failed"
		}
		if job.Outcome(ctx, err) == job.Canceled {
			line.Status = "canceled"
		}
		err = errors.Join(err, a.printJSON(line))
	}
	if err == nil {
		return verdict
	}
	return err
}

func (c *comparison) failures() []job.Failure {
	if c.Verify == nil {
		return nil
	}
	return c.Failures()
}

// verdict is nil when the index is known to be equal to the source.
func (c *comparison) verdict(f job.Findings) error {
	left := f.Differences() - f.Repaired
	switch {
	case left > 0 && c.flags.repair:
		return differError{counted(left, "document") + " could not be mended"}
	case left > 0:
		return differError{counted(left, "document") + " of the index and the source differ"}
	case f.Failed > 0:
		return differError{counted(f.Failed, "document") + " could not be compared"}
	case f.Unsettled > 0:
		return differError{counted(f.Unsettled, "document") + " changed in the index during the comparison; verify again"}
	}
	return nil
}

// text is a comparison for people.
func (c *comparison) text(f job.Findings, err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "equal %d missing %d different %d surplus %d", f.Equal, f.Missing, f.Different, f.Surplus)
	for _, more := range []struct {
		name string
		n    int64
	}{{"unsettled", f.Unsettled}, {"failed", f.Failed}, {"filtered", f.Filtered}, {"duplicate", f.Duplicate}, {"foreign", f.Foreign}, {"repaired", f.Repaired}} {
		if more.n > 0 {
			fmt.Fprintf(&b, " %s %d", more.name, more.n)
		}
	}
	b.WriteByte('\n')
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, row := range c.rows(f, err) {
		fmt.Fprintf(table, "  %s\t%s\n", row[0], row[1])
	}
	_ = table.Flush()
	for line := range strings.Lines(hitsText(c.rules)) {
		b.WriteString("  " + line)
	}
	b.WriteString(c.named(f))
	for _, failure := range c.failures() {
		fmt.Fprintf(&b, "  failed: %s: %s\n", printable(failure.ID), printable(failure.Reason))
	}
	return b.String()
}

// named is a line for each of the first differences.
func (c *comparison) named(f job.Findings) string {
	var b strings.Builder
	for _, kind := range []struct {
		kind job.Kind
		n    int64
	}{{job.Missing, f.Missing}, {job.Different, f.Different}, {job.Surplus, f.Surplus}, {job.Unsettled, f.Unsettled}} {
		named := c.shown.of(kind.kind)
		for _, d := range named {
			fmt.Fprintf(&b, "  %s: %s%s\n", d.Kind, printable(d.ID), detail(d))
		}
		if more := kind.n - int64(len(named)); more > 0 {
			fmt.Fprintf(&b, "  %s: %s more\n", kind.kind, count(more))
		}
	}
	return b.String()
}

// detail is what is known of a difference besides its document.
func detail(d job.Difference) string {
	if d.Excluded {
		return " (a rule excludes it)"
	}
	var fields []string
	for _, field := range d.Fields {
		fields = append(fields, printable(field.Name)+" "+fieldWords(field.Kind))
	}
	if d.MoreFields > 0 {
		fields = append(fields, counted(int64(d.MoreFields), "more field"))
	}
	if len(fields) == 0 {
		return ""
	}
	return ": " + strings.Join(fields, ", ")
}

func fieldWords(kind job.FieldKind) string {
	switch kind {
	case job.Absent:
		return "is absent"
	case job.Added:
		return "is added"
	case job.Null:
		return "is null"
	case job.NotNull:
		return "is not null"
	case job.AbsentNull:
		return "is absent (null at the source)"
	case job.AddedNull:
		return "is added (as null)"
	case job.Repeated:
		return "is repeated"
	}
	return "differs"
}

// rows is the details of a comparison.
func (c *comparison) rows(f job.Findings, err error) [][2]string {
	rows := [][2]string{{"time", fmt.Sprintf("%s, %s documents/s", elapsed(c.took), count(int64(rate(f.Emitted, c.took))))}}
	add := func(when bool, name, text string) {
		if when {
			rows = append(rows, [2]string{name, text})
		}
	}
	whole := err == nil || errors.As(err, new(*job.GuardError))
	add(!whole, "incomplete", "not everything was compared; nothing is known of what is surplus")
	add(c.flags.fast, "fast", "fingerprints were compared; what was edited in the index is not seen")
	add(!c.flags.fast && !f.Contents, "contents", "were not compared"+c.whyNoContents())
	add(f.Outdated > 0, "outdated", counted(f.Outdated, "document")+" equal but for the fingerprint, which the next sync sends again")
	add(f.Foreign > 0, "foreign", counted(f.Foreign, "document")+" of the index not of this source, left alone")
	add(len(f.Unjudged) > 0, "not judged", "the pipeline may have made or changed "+printable(strings.Join(f.Unjudged, ", ")))
	add(c.other, "disturbed", "a sync of the connector ran meanwhile; verify again")
	add(whole && f.Differences() == 0 && f.Failed+f.Unsettled == 0, "result", "the index equals the source")
	add(whole && f.Differences() > 0, "next", c.next(f, err))
	return rows
}

// whyNoContents is the reason when nobody asked for it.
func (c *comparison) whyNoContents() string {
	switch {
	case c.flags.noContent:
		return ""
	case c.pipeline != "":
		return "; the pipeline changes the fields that they are in"
	}
	return "; syncs of this connector do not read them"
}

// next is what to do about differences.
func (c *comparison) next(f job.Findings, err error) string {
	command := "the same command with --repair"
	if c.connector != "" {
		command = "tributary verify " + c.connector + " --repair"
	}
	switch {
	case err != nil: // the guard's
		return "if the source is right, the same command with --allow-deletes"
	case c.flags.repair && f.Repaired >= f.Differences():
		return "nothing: what differed is mended"
	case c.flags.repair:
		return "see what failed, and verify again"
	case c.flags.fast && c.connector != "":
		return "tributary job start " + c.connector + " mends this"
	case c.flags.fast:
		return "tributary sync with the same words mends this"
	}
	return command + " mends this"
}
