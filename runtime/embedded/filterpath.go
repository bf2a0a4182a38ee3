package embedded

import (
	"bytes"
	"encoding/json"
	"strings"
)

func indent(b []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, b, "", "  ") != nil {
		return b
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// filterPath keeps the parts of an answer that filter_path names.
func filterPath(b []byte, params []string) []byte {
	var include, exclude [][]string
	for _, p := range params {
		for one := range strings.SplitSeq(p, ",") {
			one = strings.TrimSpace(one)
			if rest, ok := strings.CutPrefix(one, "-"); ok {
				exclude = append(exclude, strings.Split(rest, "."))
			} else if one != "" {
				include = append(include, strings.Split(one, "."))
			}
		}
	}
	if len(include) > 0 {
		out, kept := keepPaths(nil, b, include)
		if !kept {
			return []byte("{}")
		}
		b = out
	}
	if len(exclude) > 0 {
		b = dropPaths(nil, b, exclude)
	}
	return b
}

// below returns what remains of the patterns behind a name; whole means that the name itself is meant.
func below(patterns [][]string, name string) (rest [][]string, whole bool) {
	for _, p := range patterns {
		if len(p) == 0 {
			continue
		}
		if p[0] == "**" {
			rest = append(rest, p)
			if len(p) > 1 && matchWildcard(p[1], name) {
				if len(p) == 2 {
					return nil, true
				}
				rest = append(rest, p[2:])
			}
			continue
		}
		if !matchWildcard(p[0], name) {
			continue
		}
		if len(p) == 1 {
			return nil, true
		}
		rest = append(rest, p[1:])
	}
	return rest, false
}

// keepPaths appends the parts of v that the patterns name.
func keepPaths(out, v []byte, patterns [][]string) ([]byte, bool) {
	if len(v) == 0 || len(patterns) == 0 || v[0] != '{' && v[0] != '[' {
		return out, false
	}
	k := keeper{out: append(out, v[0]), start: len(out)}
	if v[0] == '[' {
		_ = eachElement(v, func(value []byte) error {
			k.add(nil, value, patterns, false)
			return nil
		})
		return k.end(']')
	}
	_ = eachField(v, func(key, value []byte) error {
		rest, whole := below(patterns, string(key))
		k.add(key, value, rest, whole)
		return nil
	})
	return k.end('}')
}

// keeper builds what is kept of one object or array.
type keeper struct {
	out   []byte
	start int
	kept  bool
}

// add appends one member or element if something of it is kept.
func (k *keeper) add(key, value []byte, patterns [][]string, whole bool) {
	mark := len(k.out)
	if k.kept {
		k.out = append(k.out, ',')
	}
	if key != nil {
		k.out = append(append(append(k.out, '"'), key...), '"', ':')
	}
	if whole {
		k.out, k.kept = append(k.out, value...), true
		return
	}
	next, found := keepPaths(k.out, value, patterns)
	if !found {
		k.out = k.out[:mark]
		return
	}
	k.out, k.kept = next, true
}

func (k *keeper) end(bracket byte) ([]byte, bool) {
	if !k.kept {
		return k.out[:k.start], false
	}
	return append(k.out, bracket), true
}

// dropPaths appends v without the parts that the patterns name.
func dropPaths(out, v []byte, patterns [][]string) []byte {
	if len(patterns) == 0 || len(v) == 0 || v[0] != '{' && v[0] != '[' {
		return append(out, v...)
	}
	first := true
	comma := func() {
		if !first {
			out = append(out, ',')
		}
		first = false
	}
	if v[0] == '[' {
		out = append(out, '[')
		_ = eachElement(v, func(value []byte) error {
			comma()
			out = dropPaths(out, value, patterns)
			return nil
		})
		return append(out, ']')
	}
	out = append(out, '{')
	_ = eachField(v, func(key, value []byte) error {
		rest, whole := below(patterns, string(key))
		if whole {
			return nil
		}
		comma()
		out = append(append(append(out, '"'), key...), '"', ':')
		out = dropPaths(out, value, rest)
		return nil
	})
	return append(out, '}')
}
