package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// documents is a source in memory: n documents of 500 bytes. The values are
// boxed once, so that what Set costs is Set's.
type documents struct {
	n    int
	rows [][]field
}

type field struct {
	name  string
	value any
}

// different is how many different bodies there are; ids are all different.
const different = 1000

func newDocuments(n int) *documents {
	d := &documents{n: n}
	for i := range different {
		words := strings.Repeat(fmt.Sprintf("word%d and others ", i), 30)
		d.rows = append(d.rows, []field{
			{"title", fmt.Sprintf("Document number %d of the collection", i)},
			{"author", "Somebody Somewhere"},
			{"size", int64(i) * 1000},
			{"draft", i%2 == 0},
			{"text", words[:370]},
		})
	}
	return d
}

// id has 16 bytes.
func id(i int) string { return fmt.Sprintf("document-%07d", i) }

// Ping is always fine.
func (d *documents) Ping(context.Context) error { return nil }

// GetDocs emits all of them.
func (d *documents) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for i := range d.n {
		doc := connector.NewDocument(ids(i))
		for _, f := range d.rows[i%different] {
			doc.Set(f.name, f.value)
		}
		if err := emit(doc); err != nil {
			return err
		}
	}
	return nil
}

// ids is id with one allocation.
func ids(i int) string {
	b := []byte("document-0000000")
	for at := len(b) - 1; i > 0; at-- {
		b[at] = byte('0' + i%10)
		i /= 10
	}
	return string(b)
}

// bodies are the documents as they are written, ready to send.
func (d *documents) bodies() (list [][]byte) {
	for i := range d.rows {
		doc := connector.NewDocument(id(i))
		for _, f := range d.rows[i] {
			doc.Set(f.name, f.value)
		}
		list = append(list, []byte("{"+string(bytes.Clone(doc.Fields()))+"}"))
	}
	return list
}
