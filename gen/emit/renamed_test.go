package emit_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

const renamedProgram = `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"MODULE/runtime/connector"
	"MODULE/sources/renamed"
)

func main() {
	in := json.NewDecoder(os.Stdin)
	for in.More() {
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			panic(err)
		}
		opened, err := renamed.Kind().Open(context.Background(), raw, connector.Deps{})
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		c := opened.(*renamed.Source).Config
		fmt.Println(c.Host, c.Port, c.Tables, c.APIKey.Reveal(), len(renamed.Kind().CheckConfig(raw)))
	}
}
`

// renamedFields are two versions of a configuration: in the second every field
// has another name.
func renamedFields(host, port, tables, key string) object {
	return object{
		"service_type": "renamed", "name": "Renamed", "about": "Rows.",
		"config": object{"type": "object", "additionalProperties": false, "required": []string{host}, "properties": object{
			host:   object{"type": "string", "title": "Host"},
			port:   object{"type": "integer", "title": "Port", "default": 1},
			tables: object{"type": "array", "title": "Tables", "items": object{"type": "string"}, "x-ui": object{"depends_on": object{port: 7}}},
			key:    object{"type": "string", "title": "Key", "writeOnly": true},
		}},
	}
}

// TestRenamed holds that renamed fields are refused by compat, that they are not
// once the former names are declared, and that compiled code then reads what
// was stored by the old names.
func TestRenamed(t *testing.T) {
	base := inputOf(t, "renamed", renamedFields("address", "port_number", "table_list", "token"))
	declaration := renamedFields("host", "port", "tables", "api_key")
	require.Equal(t, []string{diag.FieldGone, diag.FieldGone, diag.FieldGone, diag.FieldGone, diag.Demanded}, codes(compat.Compare(base, inputOf(t, "renamed", declaration))))

	properties := declaration["config"].(object)["properties"].(object)
	for name, old := range map[string]string{"host": "address", "port": "port_number", "tables": "table_list", "api_key": "token"} {
		properties[name].(object)["x-renamed-from"] = []string{old}
	}
	now := inputOf(t, "renamed", declaration)
	require.Empty(t, compat.Compare(base, now))

	plain := `{"address": "db", "port_number": 7, "table_list": ["a", "b"], "token": "t"}`
	values, problems := describe(t, built(t, base)).Decode(json.RawMessage(plain))
	require.NoError(t, problems.Err())
	stored := string(values.Document())
	both := strings.Replace(stored, `"address":`, `"host": {"value": "new"}, "address":`, 1)
	empty := strings.Replace(stored, `"address":`, `"host": {"value": ""}, "address":`, 1)
	prepared, _ := describe(t, built(t, now)).Prepare(json.RawMessage(stored))
	require.NotContains(t, string(prepared), "address")
	twice := `{"host": "db", "address": "old"}`

	require.Equal(t, []string{
		"db 7 [a b] t 4", "db 7 [a b] t 4", "new 7 [a b] t 4", "db 7 [a b] t 4", "db 7 [a b] t 0",
		`refused: Host: is given twice: as "host" and as "address"; keep "host"`,
	}, openAll(t, built(t, now), plain, stored, both, empty, string(prepared), twice))
}

func codes(list diag.List) []string {
	var found []string
	for _, d := range list {
		found = append(found, d.Code)
	}
	slices.Sort(found)
	return found
}

func built(t *testing.T, in load.Input) model.Source {
	p, problems := model.Build(in)
	require.Empty(t, problems)
	return p.Sources[0]
}

// openAll compiles a source and says what it reads in each configuration.
func openAll(t *testing.T, s model.Source, configurations ...string) []string {
	files := newTree(t)
	files.source(t, s)
	files.add(t, "sources/renamed_program/main.go", []byte(strings.ReplaceAll(renamedProgram, "MODULE", module)))
	binary := filepath.Join(files.temp, "program")
	files.run(t, "build", "-o", binary, "./sources/renamed_program")
	cmd := exec.Command(binary)
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(configurations, "\n")), os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
