package emit_test

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/gen/model"
)

// awkward are values that validators disagree about.
var awkward = []string{
	"null", "0", "1", "1.0", "1e2", "-0", "50", "99", "100", "101", "1.5", "1.25", "0.001", "1E+2", "-3", "-5", "0.1e1", "100.00000000000000000001",
	"9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
	"1e300", "true", "false", `""`, `" "`, `"a"`, `"bc"`, `"déf"`, `"ab"`, `"abcabc"`, `"12"`, `"1"`, `"true"`, `"\u0000"`, `"\ud800"`, `"😀😀"`,
	`"2026-01-31"`, `"2026-01-31T12:00:00Z"`, `"a@example.com"`, `"https://example.com/x"`, `"db_1.example"`, `"::1"`,
	"[]", `[""]`, `["a"]`, `["a","a"]`, `["a","bc"]`, `["bc","x","y","z"]`, "[1]", "[1,1.0]", "[100,50]", "[1,2,3,4]", "[null]", "[[]]", `["a",1]`, "{}", `{"value":1}`,
}

// input returns a random configuration for a source.
func (r *random) input(s model.Source) string {
	var members []string
	for _, f := range s.Config {
		if r.chance(20) {
			continue
		}
		value := pick(r, awkward...)
		if r.chance(60) {
			value = r.fitting(f)
		}
		members = append(members, strconv.Quote(f.Name)+":"+value)
	}
	if r.chance(5) {
		members = append(members, pick(r, `"unknown":1`, `"F0":"a"`, `"":null`))
	}
	if r.chance(1) {
		return pick(r, "null", "[]", "1", `"x"`)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// formerNames writes some fields of an input under former names.
func (r *random) formerNames(s model.Source, input string) string {
	for _, f := range s.Config {
		if len(f.RenamedFrom) > 0 && r.chance(50) {
			input = strings.Replace(input, strconv.Quote(f.Name)+":", strconv.Quote(pick(r, f.RenamedFrom...))+":", 1)
		}
	}
	return input
}

// fitting returns a value of the field's type.
func (r *random) fitting(f model.Field) string {
	for _, c := range f.Enum {
		if r.chance(40) {
			text, _ := json.Marshal(c)
			if f.Type == model.StringList || f.Type == model.IntegerList {
				return "[" + string(text) + "]"
			}
			return string(text)
		}
	}
	for {
		value := pick(r, awkward...)
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			continue
		}
		switch v := v.(type) {
		case string:
			if f.Type == model.String {
				return value
			}
		case float64:
			if f.Type == model.Integer || f.Type == model.Number {
				return value
			}
		case bool:
			if f.Type == model.Boolean {
				return value
			}
		case []any:
			if (f.Type == model.StringList || f.Type == model.IntegerList) && (len(v) == 0 || r.chance(50)) {
				return value
			}
			if _, isText := first(v).(string); isText == (f.Type == model.StringList) && (f.Type == model.StringList || f.Type == model.IntegerList) {
				return value
			}
		}
	}
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// rulesInput returns random rules.
func (r *random) rulesInput() string {
	if r.chance(3) {
		return pick(r, awkward...)
	}
	one := func() string {
		var members []string
		for _, name := range ruleNames {
			if r.chance(30) {
				value := pick(r, awkward...)
				if r.chance(20) {
					value = `{"a":` + pick(r, awkward...) + `}`
				}
				members = append(members, strconv.Quote(name)+":"+value)
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	if r.chance(30) {
		return one()
	}
	return "[" + one() + "]"
}
