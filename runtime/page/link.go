package page

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

// Link reads pages whose header names the next one (RFC 8288, rel="next"). fetch
// gets the address of the first page as it is given here, and later ones
// resolved against the page that names them. Whether an address belongs to the
// same server is for fetch to decide; runtime/rest does.
func Link[T any](first string, fetch func(address string) ([]T, http.Header, error)) iter.Seq2[T, error] {
	address := first
	return Cursor(func(cursor string) ([]T, string, error) {
		if cursor != "" {
			address = cursor
		}
		items, header, err := fetch(address)
		if err != nil {
			return nil, "", err
		}
		next := Next(header)
		if next == "" {
			return items, "", nil
		}
		next, err = resolve(address, next)
		return items, next, err
	})
}

func resolve(address, next string) (string, error) {
	base, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address of a page can't be read")
	}
	u, err := base.Parse(next)
	if err != nil {
		return "", fmt.Errorf("the address of the next page can't be read")
	}
	return u.String(), nil
}

// Next returns the target of the link rel="next" in the headers Link, or "".
func Next(header http.Header) string {
	for _, value := range header.Values("Link") {
		for value != "" {
			target, params, rest, ok := link(value)
			if !ok {
				break
			}
			if isNext(params) {
				return target
			}
			value = rest
		}
	}
	return ""
}

// link takes the first link from a list of them: <target>; name="value", <…
func link(list string) (target, params, rest string, ok bool) {
	_, list, ok = strings.Cut(list, "<")
	if !ok {
		return "", "", "", false
	}
	target, list, ok = strings.Cut(list, ">")
	if !ok {
		return "", "", "", false
	}
	params, rest = cut(list, ',')
	return target, params, rest, true
}

// cut is what stands before and after a separator that is not in quotes.
func cut(text string, separator byte) (before, after string) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// isNext reports whether the parameters of a link hold rel=next; rel may be a
// list of words.
func isNext(params string) bool {
	for params != "" {
		var param string
		param, params = cut(params, ';')
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for word := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(word, "next") {
				return true
			}
		}
	}
	return false
}
