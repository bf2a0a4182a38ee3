package embedded

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// highlighter are the options of a search's highlight.
type highlighter struct {
	fields   map[string]highlightOptions
	anyField bool // require_field_match false
}

// highlightOptions are those of one field.
type highlightOptions struct {
	pre, post string
	size      int // characters of a fragment
	count     int // fragments; 0 is the whole text
	noMatch   int
}

func readHighlight(v any) (*highlighter, error) {
	o, isObject := v.(map[string]any)
	if !isObject {
		return nil, parsing("expected an object for [highlight]")
	}
	base := highlightOptions{pre: "<em>", post: "</em>", size: 100, count: 5}
	if err := base.read(o, "fields", "require_field_match"); err != nil {
		return nil, err
	}
	h := &highlighter{fields: map[string]highlightOptions{}, anyField: boolText(o["require_field_match"]) == "false"}
	list, isList := o["fields"].([]any)
	if !isList {
		list = []any{o["fields"]}
	}
	for _, e := range list {
		fields, _ := e.(map[string]any)
		for name, v := range fields {
			own := base
			settings, _ := v.(map[string]any)
			if err := own.read(settings, "matched_fields"); err != nil {
				return nil, err
			}
			h.fields[name] = own
		}
	}
	return h, nil
}

func (o *highlightOptions) read(settings map[string]any, also ...string) error {
	for key, v := range settings {
		switch key {
		case "pre_tags":
			o.pre = firstText(v, o.pre)
		case "post_tags":
			o.post = firstText(v, o.post)
		case "fragment_size", "number_of_fragments", "no_match_size":
			n, err := strconv.Atoi(numberText(v))
			if err != nil {
				return parsing("[highlight] failed to parse field [%s]", key)
			}
			map[string]func(){
				"fragment_size": func() { o.size = n }, "number_of_fragments": func() { o.count = n }, "no_match_size": func() { o.noMatch = n },
			}[key]()
		case "type", "order", "encoder", "boundary_scanner", "boundary_max_scan", "phrase_limit", "max_analyzed_offset", "force_source", "require_field_match":
		default:
			if !containsText(also, key) {
				return unsupported("[%s] of a highlight", key)
			}
		}
	}
	return nil
}

func containsText(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func firstText(v any, otherwise string) string {
	if list := texts(v); len(list) > 0 {
		return list[0]
	}
	return otherwise
}

// apply returns the fragments of a document, by field.
func (h *highlighter) apply(m *mapping, found marks, source []byte) map[string][]string {
	out := map[string][]string{}
	for pattern, o := range h.fields {
		for path, f := range m.fields {
			if f.family != familyText && f.family != familyKeyword || !matchWildcard(pattern, path) {
				continue
			}
			wanted := found[path]
			if h.anyField {
				wanted = found.merged()
			}
			if len(wanted) == 0 && o.noMatch == 0 {
				continue
			}
			var parts []string
			eachText(m, path, source, func(text []byte) {
				parts = append(parts, o.fragments(f, text, wanted)...)
			})
			if o.count > 0 && len(parts) > o.count {
				parts = parts[:o.count]
			}
			if len(parts) > 0 {
				out[path] = parts
			}
		}
	}
	return out
}

func (m marks) merged() map[string]bool {
	all := map[string]bool{}
	for _, list := range m {
		for w := range list {
			all[w] = true
		}
	}
	return all
}

// wordsOf are the words of a text as the field sees them.
func wordsOf(f *field, text []byte) []span {
	if f.family == familyKeyword {
		return []span{{start: 0, end: len(text), term: string(text)}}
	}
	return words(text)
}

// fragments marks the wanted words in pieces of the text.
func (o highlightOptions) fragments(f *field, text []byte, wanted map[string]bool) []string {
	var hits []span
	for _, w := range wordsOf(f, text) {
		if isWanted(wanted, w.term) {
			hits = append(hits, w)
		}
	}
	if len(hits) == 0 {
		if o.noMatch > 0 && len(text) > 0 {
			return []string{string(text[:cutAfter(text, min(o.noMatch, len(text)))])}
		}
		return nil
	}
	if o.count == 0 || f.family == familyKeyword {
		return []string{o.mark(text, 0, len(text), hits)}
	}
	var out []string
	for len(hits) > 0 && len(out) < o.count {
		start := cutBefore(text, max(0, hits[0].start-o.size/4))
		end := max(cutAfter(text, min(len(text), start+o.size)), hits[0].end)
		n := 0
		for n < len(hits) && hits[n].end <= end {
			n++
		}
		out = append(out, strings.TrimSpace(o.mark(text, start, end, hits[:n])))
		hits = hits[n:]
	}
	return out
}

func isWanted(wanted map[string]bool, term string) bool {
	if wanted[term] {
		return true
	}
	for w := range wanted {
		if prefix, isPrefix := strings.CutSuffix(w, "*"); isPrefix && strings.HasPrefix(term, prefix) {
			return true
		}
	}
	return false
}

func (o highlightOptions) mark(text []byte, start, end int, hits []span) string {
	var b strings.Builder
	for _, h := range hits {
		b.Write(text[start:h.start])
		b.WriteString(o.pre)
		b.Write(text[h.start:h.end])
		b.WriteString(o.post)
		start = h.end
	}
	b.Write(text[start:end])
	return b.String()
}

// cutBefore moves a cut back to the beginning of a word, cutAfter forward to the end of one.
func cutBefore(text []byte, i int) int {
	if i == 0 {
		return 0
	}
	if at := bytes.LastIndexAny(text[:i], " \n\t"); at >= 0 && i-at < 60 {
		return at + 1
	}
	return wholeRune(text, i)
}

func cutAfter(text []byte, i int) int {
	if i >= len(text) {
		return len(text)
	}
	if at := bytes.IndexAny(text[i:], " \n\t"); at >= 0 && at < 60 {
		return i + at
	}
	return wholeRune(text, i)
}

// wholeRune moves a cut back to where a character begins.
func wholeRune(text []byte, i int) int {
	for i > 0 && i < len(text) && text[i]&0xC0 == 0x80 {
		i--
	}
	return i
}

// encodeTree encodes JSON without escaping the < and > of tags.
func encodeTree(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
