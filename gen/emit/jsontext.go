package emit

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/tributary-search/tributary/runtime/connector"
)

// jsonPrinter reads a JSON text in its order.
type jsonPrinter struct{ dec *json.Decoder }

// jsonText is a JSON value as it will be printed.
type jsonText struct {
	scalar string // of anything but objects and lists
	open   string // { or [
	keys   []string
	items  []jsonText
}

func (p jsonPrinter) read() (jsonText, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return jsonText{}, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		return p.container(tok)
	case string:
		return jsonText{scalar: quoted(tok)}, nil
	case nil:
		return jsonText{scalar: "null"}, nil
	}
	return jsonText{scalar: fmt.Sprint(tok)}, nil
}

func (p jsonPrinter) container(open json.Delim) (jsonText, error) {
	v := jsonText{open: open.String()}
	for p.dec.More() {
		if open == '{' {
			tok, err := p.dec.Token()
			if err != nil {
				return v, err
			}
			key, _ := tok.(string)
			v.keys = append(v.keys, quoted(key))
		}
		item, err := p.read()
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	_, err := p.dec.Token()
	return v, err
}

// print writes the value with objects and lists on one line where they fit.
func (v jsonText) print(b *strings.Builder, depth int) {
	if flat := v.flat(); v.open == "" || len(flat)+2*depth <= lineWidth && depth > 0 {
		b.WriteString(flat)
		return
	}
	b.WriteString(v.open)
	for i, item := range v.items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + strings.Repeat("  ", depth+1))
		if v.open == "{" {
			b.WriteString(v.keys[i] + ": ")
		}
		item.print(b, depth+1)
	}
	b.WriteString("\n" + strings.Repeat("  ", depth) + v.closing())
}

func (v jsonText) flat() string {
	if v.open == "" {
		return v.scalar
	}
	parts := make([]string, len(v.items))
	for i, item := range v.items {
		parts[i] = item.flat()
		if v.open == "{" {
			parts[i] = v.keys[i] + ": " + parts[i]
		}
	}
	return v.open + strings.Join(parts, ", ") + v.closing()
}

func (v jsonText) closing() string {
	if v.open == "{" {
		return "}"
	}
	return "]"
}

// quoted is a JSON string in which back quotes and everything that does not
// print is escaped.
func quoted(s string) string {
	var b strings.Builder
	for _, r := range string(connector.AppendString(nil, s)) {
		switch {
		case r == '`' || r == '\ufeff' || !unicode.IsPrint(r):
			escapeRune(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escapeRune(b *strings.Builder, r rune) {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}
