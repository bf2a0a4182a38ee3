// Command bookshop is the small HTTP API that docs/first-source.md builds a
// source for: 12,000 books, handed out in pages.
//
//	GET /books?limit=100&cursor=…   Authorization: Bearer paper
//	{"books": [{"isbn": …, "title": …, "author": …, "price": …, "changed": …}], "next": "…"}
//
// The last page has no next.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	address = "127.0.0.1:8642"
	token   = "paper"
	books   = 12_000
	most    = 500 // books on a page
)

func main() {
	fmt.Printf("%d books at http://%s/books; the token is %s\n", books, address, token)
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute}
	fmt.Fprintln(os.Stderr, "bookshop:", server.ListenAndServe())
	os.Exit(1)
}

func answer(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.FormValue("limit"))
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		http.Error(w, `{"message": "the token is wrong"}`, http.StatusUnauthorized)
		return
	case r.URL.Path != "/books" || err != nil || limit < 1:
		http.Error(w, `{"message": "ask for /books?limit=100"}`, http.StatusNotFound)
		return
	}
	from, _ := strconv.Atoi(r.FormValue("cursor"))
	to := min(from+min(limit, most), books)
	page := []any{}
	for i := max(from, 0); i < to; i++ {
		page = append(page, book(i))
	}
	said := map[string]any{"books": page}
	if to < books {
		said["next"] = strconv.Itoa(to)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said)
}

func book(i int) map[string]any {
	subjects := []string{"Whales", "Rivers", "Compilers", "Gardens", "Maps", "Bread"}
	authors := []string{"Ada Ink", "Bo Quill", "Cleo Margin"}
	return map[string]any{
		"isbn":    fmt.Sprintf("979-0-%06d", i),
		"title":   fmt.Sprintf("%s, volume %d", subjects[i%len(subjects)], i/len(subjects)+1),
		"author":  authors[i%len(authors)],
		"price":   float64(500+i%4000) / 100,
		"changed": time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339),
	}
}
