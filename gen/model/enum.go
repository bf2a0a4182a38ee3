package model

import "strings"

// Constants returns the name of the constant for each value of a text
// enumeration. It is nil where a value gives no name, or two give one: then
// the type is better a string.
func (t *Type) Constants() []string {
	var list []string
	seen := map[string]bool{}
	for _, v := range t.Enum {
		name := camel(v)
		if name == "" || len(name) > maxName || seen[name] {
			return nil
		}
		seen[name] = true
		list = append(list, t.GoName+name)
	}
	return list
}

// camel makes the part of a Go name out of a value; empty when the value holds
// anything but ASCII letters, digits and the usual separators.
func camel(v string) string {
	var b strings.Builder
	up := true
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			b.WriteRune(r)
			up = false
		case r >= 'a' && r <= 'z':
			if up {
				r -= 'a' - 'A'
			}
			b.WriteRune(r)
			up = false
		case strings.ContainsRune("_- .", r):
			up = true
		default:
			return ""
		}
	}
	return b.String()
}
