// Package page reads lists that an API hands out in pages, as one loop:
//
//	for issue, err := range page.Link(first, func(address string) ([]Issue, http.Header, error) { … }) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Each function is for one way in which APIs page. An error is the last pair; what
// came before it was good. A list that turns in a circle is an error.
package page

import (
	"errors"
	"fmt"
	"iter"
)

// ErrCircle says that a server gives the same page over and over: a sync would
// never end, or take the documents of one page for all.
var ErrCircle = errors.New("the pages turn in a circle")

// Cursor reads pages that name the next one by a word of the server's own. fetch
// gets "" for the first page, and returns "" after the last. Pages may be empty.
func Cursor[T any](fetch func(cursor string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var seen circle
		for cursor, n := "", 1; ; n++ {
			items, next, err := fetch(cursor)
			if err != nil {
				yield(*new(T), fmt.Errorf("page %d: %w", n, err))
				return
			}
			if !all(items, yield) || next == "" {
				return
			}
			if cursor = next; seen.closes(cursor) {
				yield(*new(T), fmt.Errorf("page %d: %w: its cursor was there before", n+1, ErrCircle))
				return
			}
		}
	}
}

// Number reads pages that are counted, from first (0 or 1) on. A page with fewer
// than size items is the last.
func Number[T any](first, size int, fetch func(number int) ([]T, error)) iter.Seq2[T, error] {
	return counted(size, func(n, _ int) ([]T, error) { return fetch(first + n) })
}

// Offset reads pages that begin at the item of a number, from 0 on. A page with
// fewer than size items is the last. What is added or deleted at the front
// meanwhile moves items across pages: if an API offers another way, take it.
func Offset[T any](size int, fetch func(offset int) ([]T, error)) iter.Seq2[T, error] {
	return counted(size, func(_, offset int) ([]T, error) { return fetch(offset) })
}

func counted[T any](size int, fetch func(n, offset int) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if size < 1 {
			yield(*new(T), fmt.Errorf("pages of %d items: a page has 1 item at least", size))
			return
		}
		for n, offset := 0, 0; ; n++ {
			items, err := fetch(n, offset)
			if err != nil {
				yield(*new(T), fmt.Errorf("page %d: %w", n+1, err))
				return
			}
			if !all(items, yield) || len(items) < size {
				return
			}
			offset += len(items)
		}
	}
}

// all reports whether the loop goes on.
func all[T any](items []T, yield func(T, error) bool) bool {
	for _, item := range items {
		if !yield(item, nil) {
			return false
		}
	}
	return true
}

// circle finds a repeated word in a long row of them while it remembers one: the
// mark moves to the place 2, 4, 8, … (Brent's algorithm), so that every circle
// is closed within three of its own lengths.
type circle struct {
	mark        string
	steps, next int
}

func (c *circle) closes(word string) bool {
	if c.next > 0 && word == c.mark {
		return true
	}
	if c.steps == c.next {
		c.mark, c.next, c.steps = word, max(1, 2*c.next), 0
	}
	c.steps++
	return false
}
