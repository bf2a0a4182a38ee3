package elastic

import (
	"math/rand/v2"
	"time"
)

// Hit is a hit as the parsers of a page see it.
type Hit struct {
	ID, Print          string
	SeqNo, PrimaryTerm int64
}

// Page is what the parsers of a page find.
type Page struct {
	PIT      string
	TimedOut bool
	Failed   int64
	Sort     string
	Hits     []Hit
}

func (p *page) export() Page {
	e := Page{PIT: string(p.pit), TimedOut: p.timedOut, Failed: p.failed, Sort: string(p.sort)}
	_ = p.visit(func(id, print []byte, seqNo, primaryTerm int64) error {
		e.Hits = append(e.Hits, Hit{string(id), string(print), seqNo, primaryTerm})
		return nil
	})
	return e
}

// ScanPage is the fast parser alone.
func ScanPage(body []byte) (Page, bool) {
	var p page
	if !p.scan(body) {
		return Page{}, false
	}
	return p.export(), true
}

// DecodePage is the slow parser alone.
func DecodePage(body []byte) (Page, error) {
	var p page
	if err := p.decode(body); err != nil {
		return Page{}, err
	}
	return p.export(), nil
}

// PageScanner scans pages with the memory of the ones before.
type PageScanner struct{ page page }

// Scan reports whether the fast parser understood the page, and its hits.
func (s *PageScanner) Scan(body []byte) (hits int, ok bool) {
	s.page = page{hits: s.page.hits[:0]}
	ok = s.page.scan(body)
	return len(s.page.hits), ok
}

// Verdict is a verdict as the parsers of an answer see it.
type Verdict struct {
	Op, Result   int
	Status       int
	Kind, Reason string
	Other        string
}

func exportVerdicts(list []verdict) []Verdict {
	var e []Verdict
	for _, v := range list {
		e = append(e, Verdict{int(v.op), int(v.result), int(v.status), v.kind, v.reason, v.id})
	}
	return e
}

// requestOf is the one for some ids.
func requestOf(ids []string) *batch {
	b := &batch{}
	for _, id := range ids {
		b.add(&entry{op: opCreate, id: id, source: []byte(`{}`)})
	}
	b.aim(1 << 40)
	return b
}

// ScanAnswer is the fast parser of bulk answers alone.
func ScanAnswer(body []byte, ids ...string) ([]Verdict, bool) {
	list, ok := scanVerdicts(nil, body, requestOf(ids))
	return exportVerdicts(list), ok
}

// DecodeAnswer is the slow one.
func DecodeAnswer(body []byte, ids ...string) ([]Verdict, error) {
	list, err := decodeVerdicts(nil, body, requestOf(ids))
	return exportVerdicts(list), err
}

// Pause draws a wait before attempt number n, which is at least 2.
func (r Retry) Pause(n int, atLeast time.Duration) time.Duration {
	b := budget{Retry: r, chance: rand.N[time.Duration]}
	b.tried = n - 1
	return b.pause(atLeast)
}

// ItemRule is the number of the rule that decides about an item, and how many
// there are.
func ItemRule(status int, action, kind, reason string) (number, of int) {
	op, _ := operation(action)
	return numberOf(itemRules[:], status, op, kind, reason), len(itemRules)
}

// RequestRule is ItemRule for whole requests; it is -1 where no rule decides.
func RequestRule(status int, kind, reason string) (number, of int) {
	return numberOf(requestRules[:], status, 0, kind, reason), len(requestRules)
}

func numberOf(rules []rule, status int, op op, kind, reason string) int {
	for i := range rules {
		if rules[i].fits(status, op, kind, reason) {
			return i
		}
	}
	return -1
}
