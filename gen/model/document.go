package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/connector"
)

// document is a JSON object under construction that keeps the order of its
// keys. Values are documents, nodes, texts, integers, booleans and lists.
type document struct {
	list []entry
}

type entry struct {
	key   string
	value any
}

func (d *document) find(key string) int {
	return slices.IndexFunc(d.list, func(e entry) bool { return e.key == key })
}

func (d *document) has(key string) bool { return d.find(key) >= 0 }

func (d *document) set(key string, value any) *document {
	if i := d.find(key); i >= 0 {
		d.list[i].value = value
		return d
	}
	d.list = append(d.list, entry{key, value})
	return d
}

// move takes a key out of d and puts it into another document.
func (d *document) move(key string, to *document) {
	if i := d.find(key); i >= 0 {
		to.set(key, d.list[i].value)
		d.list = slices.Delete(d.list, i, i+1)
	}
}

func (d *document) join(other *document) *document {
	d.list = append(d.list, other.list...)
	return d
}

func (d *document) encode() json.RawMessage { return appendAny(nil, d) }

func appendAny(dst []byte, value any) []byte {
	switch v := value.(type) {
	case *document:
		dst = append(dst, '{')
		for i, e := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(connector.AppendString(dst, e.key), ':')
			dst = appendAny(dst, e.value)
		}
		return append(dst, '}')
	case *load.Node:
		return appendNode(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendAny(dst, item)
		}
		return append(dst, ']')
	case string:
		return connector.AppendString(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return fmt.Append(dst, value) // int64 and bool
}

// appendNode writes a value as JSON without blanks.
func appendNode(dst []byte, n *load.Node) []byte {
	switch n.Kind {
	case load.Object:
		dst = append(dst, '{')
		for i, m := range n.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(connector.AppendString(dst, m.Key), ':')
			dst = appendNode(dst, m.Value)
		}
		return append(dst, '}')
	case load.Array:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNode(dst, item)
		}
		return append(dst, ']')
	case load.String:
		return connector.AppendString(dst, n.Text)
	case load.Null:
		return append(dst, "null"...)
	}
	return append(dst, n.Text...)
}
