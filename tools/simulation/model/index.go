package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// index is one index. A document is never changed: a write puts another in its place.
type index struct {
	name, uuid string
	aliases    map[string]any
	properties map[string]any
	docs       map[string]*doc
	seqNo      int64 // of the next write

	searchable []*doc // in the order of their sequence numbers
	dirty      bool
	refreshed  time.Time
}

type doc struct {
	id          string
	source      json.RawMessage
	seqNo, term int64
	fields      map[string]any // parsed when it is asked for
}

func (d *doc) parsed() map[string]any {
	if d.fields == nil {
		d.fields = map[string]any{}
		_ = json.Unmarshal(d.source, &d.fields) // it was checked
	}
	return d.fields
}

func (n *Node) newIndex(name string) *index {
	n.serial++
	x := &index{
		name: name, uuid: fmt.Sprintf("uuid-%d", n.serial), aliases: map[string]any{}, properties: map[string]any{},
		docs: map[string]*doc{}, refreshed: n.Now(),
	}
	n.indices[name] = x
	return x
}

// admin is GET, PUT, HEAD and DELETE of an index.
func (n *Node) admin(r Request, name string) (answer, bool) {
	x := n.find(name)
	switch {
	case r.Method == "PUT" && x != nil:
		return refuse(400, "resource_already_exists_exception", "index ["+name+"/"+x.uuid+"] already exists"), true
	case r.Method == "PUT":
		return n.create(r, name), true
	case x == nil:
		return noIndex(name), true
	case r.Method == "DELETE":
		delete(n.indices, x.name)
		if n.Wrote != nil {
			n.Wrote(Write{At: n.Now(), From: r.From, Index: x.name, Action: DeleteIndex})
		}
		return answer{200, map[string]any{"acknowledged": true}}, true
	case r.Method == "GET":
		return answer{200, map[string]any{x.name: map[string]any{
			"aliases": x.aliases, "mappings": map[string]any{"properties": x.properties},
			"settings": map[string]any{"index": map[string]any{"uuid": x.uuid, "provided_name": x.name}},
		}}}, true
	}
	return answer{}, false
}

func (n *Node) create(r Request, name string) answer {
	var body struct {
		Aliases  map[string]any
		Mappings struct{ Properties map[string]any }
	}
	if len(r.Body) > 0 && json.Unmarshal(r.Body, &body) != nil {
		return refuse(400, "parsing_exception", "the body is no JSON")
	}
	x := n.newIndex(name)
	maps.Copy(x.aliases, body.Aliases)
	maps.Copy(x.properties, body.Mappings.Properties)
	return answer{200, map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": name}}
}

// guessed is what a server makes of an index that is written to and not there.
func (n *Node) guessed(name string) *index {
	x := n.newIndex(name)
	x.properties["_fingerprint"] = map[string]any{"type": "text", "fields": map[string]any{"keyword": map[string]any{"type": "keyword"}}}
	return x
}

func (x *index) putMapping(body []byte) answer {
	var m struct{ Properties map[string]any }
	if json.Unmarshal(body, &m) != nil {
		return refuse(400, "parsing_exception", "the body is no JSON")
	}
	for name, p := range m.Properties {
		if old, there := x.properties[name]; there && typeOf(old) != typeOf(p) {
			return refuse(400, "illegal_argument_exception", fmt.Sprintf("mapper [%s] cannot be changed from type [%s] to [%s]", name, typeOf(old), typeOf(p)))
		}
		x.properties[name] = p
	}
	return answer{200, map[string]any{"acknowledged": true}}
}

func typeOf(property any) string {
	m, _ := property.(map[string]any)
	t, _ := m["type"].(string)
	return t
}

// refresh makes what was written visible to searches.
func (x *index) refresh(now time.Time) {
	x.refreshed = now
	if !x.dirty {
		return
	}
	x.dirty = false
	x.searchable = slices.SortedFunc(maps.Values(x.docs), func(a, b *doc) int { return cmp.Compare(a.seqNo, b.seqNo) })
}

// refreshInterval is after how long a server does so by itself.
const refreshInterval = time.Second

func (n *Node) visible(x *index) []*doc {
	if now := n.Now(); now.Sub(x.refreshed) >= refreshInterval {
		x.refresh(now)
	}
	return x.searchable
}

// accept reports why a document can't be mapped.
func (x *index) accept(source []byte) *failure {
	fields := map[string]any{}
	if json.Unmarshal(source, &fields) != nil {
		return &failure{400, "document_parsing_exception", "[1:1] failed to parse"}
	}
	for name, value := range fields {
		_, isText := value.(string)
		if typeOf(x.properties[name]) == "long" && isText {
			return &failure{400, "document_parsing_exception", fmt.Sprintf("[1:1] failed to parse field [%s] of type [long] in document with id '…'", name)}
		}
	}
	return nil
}

func (x *index) mget(r Request) answer {
	var body struct{ IDs []string }
	if json.Unmarshal(r.Body, &body) != nil {
		return refuse(400, "parsing_exception", "the body is no JSON")
	}
	include := strings.FieldsFunc(r.Query.Get("_source_includes"), func(c rune) bool { return c == ',' })
	docs := make([]any, len(body.IDs))
	for i, id := range body.IDs {
		d := x.docs[id]
		if d == nil {
			docs[i] = map[string]any{"_index": x.name, "_id": id, "found": false}
			continue
		}
		docs[i] = map[string]any{
			"_index": x.name, "_id": id, "found": true, "_version": 1, "_seq_no": d.seqNo, "_primary_term": d.term, "_source": d.some(include),
		}
	}
	return answer{200, map[string]any{"docs": docs}}
}

// some is a document's source, or the fields of it that are asked for.
func (d *doc) some(include []string) any {
	if len(include) == 0 {
		return d.source
	}
	picked := map[string]any{}
	for _, path := range include {
		copyPath(picked, d.parsed(), strings.Split(path, "."))
	}
	return picked
}

func copyPath(to, from map[string]any, path []string) {
	value, there := from[path[0]]
	if !there {
		return
	}
	if len(path) == 1 {
		to[path[0]] = value
		return
	}
	below, ok := value.(map[string]any)
	if !ok {
		return
	}
	next, ok := to[path[0]].(map[string]any)
	if !ok {
		next = map[string]any{}
		to[path[0]] = next
	}
	copyPath(next, below, path[1:])
}
