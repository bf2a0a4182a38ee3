package page_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/page"
)

// collect reads a list to its end, or to its error.
func collect(list iter.Seq2[int, error]) (all []int, err error) {
	for item, err := range list {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// server hands out 0 … n-1.
type server struct{ n, asked int }

func (s *server) from(offset, size int) []int {
	s.asked++
	var items []int
	for i := max(offset, 0); i < min(offset+size, s.n); i++ {
		items = append(items, i)
	}
	return items
}

func TestAllWaysReadEverythingOnce(t *testing.T) {
	const size = 10
	ways := map[string]func(*server) iter.Seq2[int, error]{
		"cursor": func(s *server) iter.Seq2[int, error] {
			return page.Cursor(func(cursor string) ([]int, string, error) {
				at := 0
				if cursor != "" {
					_, err := fmt.Sscanf(cursor, "after-%d", &at)
					require.NoError(t, err)
				}
				if at+size >= s.n {
					return s.from(at, size), "", nil
				}
				return s.from(at, size), fmt.Sprintf("after-%d", at+size), nil
			})
		},
		"number from 0": func(s *server) iter.Seq2[int, error] {
			return page.Number(0, size, func(n int) ([]int, error) { return s.from(n*size, size), nil })
		},
		"number from 1": func(s *server) iter.Seq2[int, error] {
			return page.Number(1, size, func(n int) ([]int, error) { return s.from((n-1)*size, size), nil })
		},
		"offset": func(s *server) iter.Seq2[int, error] {
			return page.Offset(size, func(offset int) ([]int, error) { return s.from(offset, size), nil })
		},
		"link": func(s *server) iter.Seq2[int, error] {
			return page.Link("https://a.example/list?at=0", func(address string) ([]int, http.Header, error) {
				var at int
				_, err := fmt.Sscanf(address, "https://a.example/list?at=%d", &at)
				require.NoError(t, err, address)
				header := http.Header{}
				if at+size < s.n {
					header.Add("Link", fmt.Sprintf(`</list?at=0>; rel="first", </list?at=%d>; title="a, b"; rel="last next"`, at+size))
				}
				return s.from(at, size), header, nil
			})
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, size - 1, size, size + 1, 5 * size, 5*size + 3} {
				s := &server{n: n}
				got, err := collect(way(s))
				require.NoError(t, err)
				require.Equal(t, s.n, len(got), "%d items", n)
				for i, item := range got {
					require.Equal(t, i, item)
				}
			}
			s := &server{n: 100}
			for range way(s) {
				break
			}
			require.Equal(t, 1, s.asked, "a loop that ends asks for no other page")
		})
	}
}

func TestAnErrorIsTheLastPair(t *testing.T) {
	broken := errors.New("the line is cut")
	got, err := collect(page.Number(0, 2, func(n int) ([]int, error) {
		if n == 2 {
			return nil, broken
		}
		return []int{2 * n, 2*n + 1}, nil
	}))
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "page 3: the line is cut")
	require.Equal(t, []int{0, 1, 2, 3}, got)

	_, err = collect(page.Cursor(func(string) ([]int, string, error) { return nil, "", broken }))
	require.EqualError(t, err, "page 1: the line is cut")
	_, err = collect(page.Offset(0, func(int) ([]int, error) { return nil, nil }))
	require.ErrorContains(t, err, "a page has 1 item at least")
	_, err = collect(page.Link("https://a.example/\x00", func(string) ([]int, http.Header, error) {
		return nil, http.Header{"Link": {"<x>; rel=next"}}, nil
	}))
	require.ErrorContains(t, err, "can't be read")
}

// Circles of every length, after a tail of every length.
func TestCircles(t *testing.T) {
	for tail := range 6 {
		for length := 1; length < 40; length++ {
			asked := 0
			_, err := collect(page.Cursor(func(cursor string) ([]int, string, error) {
				asked++
				at := 0
				if cursor != "" {
					_, err := fmt.Sscan(cursor, &at)
					require.NoError(t, err)
				}
				if at++; at == tail+length+1 {
					at = tail + 1
				}
				return []int{at}, fmt.Sprint(at), nil
			}))
			require.ErrorIs(t, err, page.ErrCircle, "tail %d, length %d", tail, length)
			require.LessOrEqual(t, asked, 3*(tail+length)+3)
		}
	}
}

func TestNext(t *testing.T) {
	for header, want := range map[string]string{
		"":                          "",
		`<https://x/2>; rel="next"`: "https://x/2",
		`<https://x/2>; rel=next`:   "https://x/2",
		`<https://x/2>; REL="Next"`: "https://x/2",
		`<https://x/1>; rel="prev"`: "",
		`<https://x/1>; rel="prev", <2>; rel=next`:               "2",
		`<a,b>; rel="next"`:                                      "a,b",
		`<1>; title="x, <2>; rel=next"; rel=up, <3>; rel="next"`: "3",
		`<1>; rel="nextpage"`:                                    "",
		`<1`:                                                     "",
		`1>; rel=next`:                                           "",
		`<1>`:                                                    "",
		`<1>, <2>; rel="first next"`:                             "2",
	} {
		require.Equal(t, want, page.Next(http.Header{"Link": {header}}), header)
	}
	require.Equal(t, "2", page.Next(http.Header{"Link": {"<1>; rel=prev", "<2>; rel=next"}}))
}

func FuzzNext(f *testing.F) {
	f.Add(`<https://x/1>; rel="prev", <2>; title="a, b"; rel=next`)
	f.Fuzz(func(t *testing.T, header string) {
		if next := page.Next(http.Header{"Link": {header}}); next != "" {
			require.Contains(t, header, "<"+next+">")
		}
	})
}

func TestEach(t *testing.T) {
	numbers := func(n int, last error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if last != nil {
				yield(0, last)
			}
		}
	}
	broken := errors.New("broken")
	var under, most, sum atomic.Int64
	add := func(_ context.Context, i int) error {
		most.Store(max(most.Load(), under.Add(1)))
		defer under.Add(-1)
		sum.Add(int64(i))
		return nil
	}
	require.NoError(t, page.Each(t.Context(), 3, numbers(100, nil), add))
	require.EqualValues(t, 4950, sum.Load())
	require.LessOrEqual(t, most.Load(), int64(3))
	require.ErrorIs(t, page.Each(t.Context(), 3, numbers(100, broken), add), broken)
	require.EqualValues(t, 2*4950, sum.Load(), "what came before the error is done")

	done := 0
	err := page.Each(t.Context(), 1, numbers(100, nil), func(ctx context.Context, i int) error {
		done++
		if i == 10 {
			return broken
		}
		return nil
	})
	require.ErrorIs(t, err, broken)
	require.LessOrEqual(t, done, 12)

	ctx, cancel := context.WithCancelCause(t.Context())
	require.ErrorIs(t, page.Each(ctx, 2, numbers(100, nil), func(ctx context.Context, i int) error {
		if i == 5 {
			cancel(broken)
		}
		return nil
	}), broken)
}
