package elastic

import "time"

// sent are the items up to the end of the request under way. Those of them that
// are open are in it.
func (b *batch) sent() []item { return b.items[:b.upto] }

// aim chooses the items of the next request: the open ones from the start, up
// to so many bytes, but one at least.
func (b *batch) aim(most int64) {
	if b.only > 0 {
		most = min(most, b.only)
	}
	var bytes int64
	for i := range b.items {
		it := &b.items[i]
		if it.state != open {
			continue
		}
		n := int64(it.end - it.start)
		if bytes > 0 && bytes+n > most {
			b.upto = i
			return
		}
		bytes += n
	}
	b.upto = len(b.items)
}

// size is how many bytes the request has, and how many items.
func (b *batch) size() (bytes int64, items int) {
	for i := range b.sent() {
		if it := &b.items[i]; it.state == open {
			bytes += int64(it.end - it.start)
			items++
		}
	}
	return bytes, items
}

// doubt marks what an unanswered request may have carried out.
func (b *batch) doubt() {
	for i := range b.sent() {
		if b.items[i].state == open {
			b.items[i].unsure = true
		}
	}
}

// begin notes when what the batch holds was sent first.
func (b *batch) begin(now time.Time) {
	for i := range b.marks {
		if b.marks[i].began.IsZero() {
			b.marks[i].began = now
		}
	}
}

// since is when the oldest open item was sent first.
func (b *batch) since(now time.Time) time.Time {
	if len(b.marks) == 0 {
		return now
	}
	return b.marks[0].began
}

// drop forgets what is settled, moves the rest to the start, tells those who
// wait for what is settled completely, and reports whether nothing is left.
func (b *batch) drop() (empty bool) {
	kept, marks, next := 0, 0, 0
	b.buf = b.buf[:0]
	for i := range b.items {
		for next < len(b.marks) && b.marks[next].end == i {
			marks += b.pass(next, marks, kept)
			next++
		}
		if it := b.items[i]; it.state == open {
			start := len(b.buf)
			b.buf = append(b.buf, b.buf[it.start:it.end]...)
			it.start, it.end = start, len(b.buf)
			b.items[kept] = it
			kept++
		}
	}
	for ; next < len(b.marks); next++ {
		marks += b.pass(next, marks, kept)
	}
	b.items, b.marks, b.upto = b.items[:kept], b.marks[:marks], 0
	return kept == 0
}

// pass keeps a mark at another place, with so many items before it, or tells
// who waits for it that there are none. It returns how many marks it kept.
func (b *batch) pass(from, to, kept int) int {
	m := b.marks[from]
	if kept == 0 {
		close(m.answered)
		return 0
	}
	m.end = kept
	b.marks[to] = m
	return 1
}

// take moves items from another batch to the end of this one, in their order,
// up to so many bytes and items in all. It reports whether it took any, and
// whether it took them all.
func (b *batch) take(from *batch, bytes, items int, now time.Time) (some, all bool) {
	for i := range from.items {
		it := &from.items[i]
		if it.state != open {
			continue
		}
		if len(b.items) >= items || len(b.buf)+it.end-it.start > bytes {
			return some, false
		}
		other := *it
		other.start = len(b.buf)
		b.buf = append(b.buf, from.buf[it.start:it.end]...)
		other.end = len(b.buf)
		b.items = append(b.items, other)
		it.state, some = moved, true
	}
	for _, m := range from.marks {
		b.marks = append(b.marks, mark{len(b.items), now, m.answered})
	}
	return some, true
}
