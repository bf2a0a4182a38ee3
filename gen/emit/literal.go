package emit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"
)

// literal prints a value of the model as a Go expression whose type follows
// from where it stands.
func literal(v any) (jen.Code, error) {
	switch v := v.(type) {
	case string:
		return jen.Id(text(v)), nil
	case bool:
		return jen.Lit(v), nil
	case int:
		return jen.Id(strconv.Itoa(v)), nil
	case int64:
		if v < math.MinInt32 || v > math.MaxInt32 {
			return jen.Id("int64").Call(jen.Id(strconv.FormatInt(v, 10))), nil
		}
		return jen.Id(strconv.FormatInt(v, 10)), nil
	case float64:
		return jen.Lit(v), nil
	case []string:
		return list("string", v)
	case []int64:
		return list("int64", v)
	case []any:
		return list("any", v)
	}
	return nil, fmt.Errorf("value %v of type %T has no form in Go", v, v)
}

func list[T any](of string, values []T) (jen.Code, error) {
	items := make([]jen.Code, len(values))
	for i, v := range values {
		item, err := literal(v)
		if n, ok := any(v).(int64); ok && of == "int64" {
			item, err = jen.Id(strconv.FormatInt(n, 10)), nil
		}
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	return jen.Index().Id(of).Values(items...), nil
}

// text prints a string literal: in back quotes when that saves escapes.
func text(s string) string {
	if strings.ContainsAny(s, `\"`) && rawSafe(s) && !strings.Contains(s, "\n") {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// rawSafe reports whether a raw string literal shows exactly what it holds.
func rawSafe(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == '`' || r == unicode.ReplacementChar || r == '\ufeff' || !unicode.IsPrint(r) && r != '\n'
	})
}

// rawJSON prints a JSON text as a raw string literal, a value on one line
// where it fits. What a raw literal can't hold becomes a \u escape.
func rawJSON(raw json.RawMessage) (jen.Code, error) {
	var b strings.Builder
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	p := jsonPrinter{dec: dec}
	v, err := p.read()
	if err != nil {
		return nil, fmt.Errorf("print schema: %w", err)
	}
	v.print(&b, 0)
	return jen.Id("`" + b.String() + "`"), nil
}
