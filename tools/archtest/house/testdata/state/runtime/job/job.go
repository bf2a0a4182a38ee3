package job

import (
	"net/http"
	"sync"
)

var (
	count  int
	total  = 0
	seen   = map[string]bool{"a": true}
	list   = []string{"a"}
	lock   = sync.Mutex{}
	client = &http.Client{}
	names  = make(map[string]int)
	limits = limit{n: 1}
)

type limit struct{ n int }

func (l *limit) raise() { l.n++ }

// Run writes to all of them.
func Run() {
	total++
	seen["b"] = true
	delete(seen, "a")
	list = append(list, "b")
	limits.raise()
	http.DefaultClient = client
}

// Read writes to none: the names are its own.
func Read() int {
	total := limits.n
	total++
	return total
}
