package emit

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/gen/model"
)

// readme puts the reference tables between the markers of a source's README.
func (g *source) readme(files map[string][]byte, readmes map[string]string) error {
	path := "sources/" + g.Dir + "/README.md"
	content, ok := readmes[path]
	if !ok {
		return nil
	}
	content, err := Section(content, "configuration", g.configTable())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if g.Rules != nil {
		if content, err = Section(content, "rules", g.rulesTables()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	files[path] = []byte(content)
	return nil
}

// Tables returns the reference tables of a source: its configuration, and its
// advanced rules, which are empty without any.
func Tables(s model.Source) (configuration, rules string) {
	g := &source{Source: s}
	if g.Rules != nil {
		rules = g.rulesTables()
	}
	return g.configTable(), rules
}

// Section replaces what stands between the markers <!-- gen:begin NAME --> and
// <!-- gen:end NAME -->. Each must stand exactly once, in this order.
func Section(content, name, body string) (string, error) {
	begin, end := "<!-- gen:begin "+name+" -->", "<!-- gen:end "+name+" -->"
	for _, marker := range []string{begin, end} {
		if n := strings.Count(content, marker); n != 1 {
			return "", fmt.Errorf("the marker %s must stand once, not %d times", marker, n)
		}
	}
	from, to := strings.Index(content, begin)+len(begin), strings.Index(content, end)
	if from > to {
		return "", fmt.Errorf("the marker %s stands after %s", begin, end)
	}
	return content[:from] + "\n" + body + content[to:], nil
}

func (g *source) configTable() string {
	var b strings.Builder
	b.WriteString("| Field | Type | Default | Meaning |\n|---|---|---|---|\n")
	for _, f := range g.Config {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cellCode(f.Name), fieldKind(f), fieldDefault(f), fieldMeaning(f))
	}
	return b.String()
}

func fieldKind(f model.Field) string {
	kind := map[model.FieldType]string{
		model.String: "text", model.Integer: "integer", model.Number: "number", model.Boolean: "true or false",
		model.StringList: "list of texts", model.IntegerList: "list of integers",
	}[f.Type]
	if f.Secret {
		kind = "secret text"
	}
	if f.Check.Format == "path" {
		kind = "path"
	}
	if f.Required {
		kind += ", required"
	}
	return kind
}

func fieldDefault(f model.Field) string {
	if f.Default == nil || isEmptyValue(f.Default) || f.Secret {
		return ""
	}
	return "`" + cellCode(asTyped(f.Default)) + "`"
}

func fieldMeaning(f model.Field) string {
	parts := []string{sentence(f.Title)}
	if f.Description != "" {
		parts = append(parts, sentence(f.Description))
	}
	if len(f.Enum) > 0 {
		parts = append(parts, "One of "+choices(f.Enum)+".")
	}
	if f.Check.Min != nil || f.Check.Max != nil {
		parts = append(parts, boundText(f.Check)+".")
	}
	if len(f.DependsOn) > 0 {
		parts = append(parts, "Counts only when "+conditionText(f.DependsOn)+".")
	}
	if len(f.RenamedFrom) > 0 {
		parts = append(parts, "Formerly "+strings.Join(f.RenamedFrom, ", ")+".")
	}
	if f.Deprecated {
		parts = append(parts, "Deprecated.")
	}
	return cell(strings.Join(parts, " "))
}

func boundText(c model.Check) string {
	var parts []string
	if c.Min != nil {
		word := "At least "
		if c.ExclusiveMin {
			word = "Greater than "
		}
		parts = append(parts, word+decimal(c.Min))
	}
	if c.Max != nil {
		word := "at most "
		if c.ExclusiveMax {
			word = "less than "
		}
		if len(parts) == 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		parts = append(parts, word+decimal(c.Max))
	}
	return strings.Join(parts, ", ")
}

// rulesTables describes every structure of the advanced rules.
func (g *source) rulesTables() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The rules are %s.\n", ruleKind(g.Rules))
	for _, t := range g.RuleTypes {
		if t.Kind != model.StructKind {
			continue
		}
		fmt.Fprintf(&b, "\n| Member of `%s` | Type | Meaning |\n|---|---|---|\n", cellCode(t.GoName))
		for _, f := range t.Fields {
			kind := ruleKind(f.Type)
			if f.Required {
				kind += ", required"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cellCode(f.Name), cell(kind), cell(sentence(f.Doc)))
		}
	}
	return b.String()
}

func ruleKind(t *model.Type) string {
	switch t.Kind {
	case model.StructKind:
		return "`" + t.GoName + "`"
	case model.SliceKind:
		return "a list of " + ruleKind(t.Elem)
	case model.MapKind:
		return "an object with values of " + ruleKind(t.Elem)
	case model.EnumKind:
		values := make([]any, len(t.Enum))
		for i, v := range t.Enum {
			values[i] = v
		}
		return "one of " + choices(values)
	case model.IntKind:
		return "integer"
	case model.FloatKind:
		return "number"
	case model.BoolKind:
		return "true or false"
	case model.TimeKind:
		return "time, such as 2026-01-31T12:00:00Z"
	case model.RawKind:
		return "any JSON that the source understands"
	}
	return "text"
}

// cell makes a text safe inside a table: on one line, no cell border, no HTML.
func cell(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	if !strings.Contains(s, "`") {
		s = strings.NewReplacer("\\", "\\\\", "*", "\\*").Replace(s)
	}
	return strings.NewReplacer("|", "\\|", "<", "&lt;", ">", "&gt;").Replace(s)
}

// cellCode is cell for text between back quotes.
func cellCode(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	return strings.NewReplacer("|", "\\|", "`", "'", "<!--", "<! --").Replace(s)
}
