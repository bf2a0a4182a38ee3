package schema

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// problem makes a problem with a field, or with the part of its value that
// pointer names. key is the name under which the field stood in the input.
func (f *field) problem(key, pointer, message string) connector.Problem {
	return connector.Problem{Pointer: "/" + escapePointer(key) + pointer, Label: f.Label, Message: message}
}

func (f *field) twice(first, second string) connector.Problem {
	if first == second {
		return f.problem(second, "", "is given twice")
	}
	return f.problem(second, "", fmt.Sprintf("is given twice: as %q and as %q; keep %q", first, second, f.Name))
}

func (f *field) renamed(old string) connector.Problem {
	p := f.problem(old, "", fmt.Sprintf("%q is now called %q", old, f.Name))
	p.Warning = true
	return p
}

func (f *field) outdated(key string) connector.Problem {
	p := f.problem(key, "", "is deprecated")
	p.Warning = true
	return p
}

func (fs *Fields) unknown(name string, stored bool) connector.Problem {
	p := connector.Problem{Pointer: "/" + escapePointer(name)}
	if stored {
		p.Message, p.Warning = fmt.Sprintf("unknown field %q is kept and has no effect", shortened(name)), true
		return p
	}
	known := make([]string, len(fs.list))
	for i, f := range fs.list {
		known[i] = f.Name
	}
	p.Message = fmt.Sprintf("unknown field %q", shortened(name))
	if hint := DidYouMean(name, known); hint != "" {
		p.Message += hint
	} else if len(known) > 0 {
		p.Message += "; known are " + strings.Join(known, ", ")
	}
	return p
}

func syntaxProblem(raw []byte, err error) connector.Problems {
	p := connector.Problem{Message: err.Error()}
	var bad *syntaxError
	if errors.As(err, &bad) {
		p.Line, p.Column = position(raw, bad.offset)
	}
	return connector.Problems{p}
}

// oneOf names the allowed values.
func oneOf(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		if s, ok := v.(string); ok {
			texts[i] = strconv.Quote(s)
		} else {
			texts[i] = fmt.Sprint(v)
		}
	}
	if len(texts) == 1 {
		return "must be " + texts[0]
	}
	return "must be one of " + strings.Join(texts, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// bounds says which numbers are allowed.
func (c *check) bounds() string {
	var parts []string
	switch {
	case c.min != nil && c.max != nil && !c.ExclusiveMin && !c.ExclusiveMax:
		return fmt.Sprintf("must be between %s and %s", decimal(c.min), decimal(c.max))
	case c.min != nil && c.ExclusiveMin:
		parts = append(parts, "greater than "+decimal(c.min))
	case c.min != nil:
		parts = append(parts, "at least "+decimal(c.min))
	}
	switch {
	case c.max != nil && c.ExclusiveMax:
		parts = append(parts, "less than "+decimal(c.max))
	case c.max != nil:
		parts = append(parts, "at most "+decimal(c.max))
	}
	return "must be " + strings.Join(parts, " and ")
}

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
