package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/gen/model"
)

// inWords prints a value for people.
func inWords(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		texts := make([]string, len(v))
		for i, s := range v {
			texts[i] = strconv.Quote(s)
		}
		return strings.Join(texts, ", ")
	case []int64:
		texts := make([]string, len(v))
		for i, n := range v {
			texts[i] = strconv.FormatInt(n, 10)
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprint(v)
}

// asTyped prints a value as people write it in a form or on a command line.
func asTyped(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	}
	return inWords(v)
}

func choices(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = inWords(v)
	}
	return strings.Join(texts, ", ")
}

func conditionText(list []model.Condition) string {
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = c.Field + " is " + inWords(c.Value)
	}
	return strings.Join(texts, " and ")
}

func isEmptyValue(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []int64:
		return len(v) == 0
	}
	return v == nil
}
