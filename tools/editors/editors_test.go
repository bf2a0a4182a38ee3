// Package editors_test holds the files that editors complete to their schemas:
// check.sh shows that completion works.
package editors_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// A clone is edited without a network: every declaration, and every template of
// one, finds its schema beside it.
func TestDeclarationsNameTheirSchemaByARelativePath(t *testing.T) {
	var files []string
	for _, pattern := range []string{"sources/*/schema.json", "templates/*/schema.json.tmpl"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		files = append(files, found...)
	}
	named := regexp.MustCompile(`"\$schema": "([^"]*)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		match := named.FindSubmatch(text)
		require.NotNil(t, match, "%s names no schema", file)
		require.Equal(t, "../../schemas/source.schema.json", string(match[1]), file)
	}
}

func TestTheSettingsNameTheirSchema(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "config.yml"))
	require.NoError(t, err)
	require.Regexp(t, `^# yaml-language-server: \$schema=schemas/config\.schema\.json\n`, string(text))
}

// Editors read draft-07, and not all of them a later one.
func TestSchemasForEditorsAreDraft07(t *testing.T) {
	for _, name := range []string{"source.schema.json", "config.schema.json"} {
		text, err := os.ReadFile(filepath.Join(root, "schemas", name))
		require.NoError(t, err)
		var schema struct {
			Draft string `json:"$schema"`
		}
		require.NoError(t, json.Unmarshal(text, &schema))
		require.Equal(t, "http://json-schema.org/draft-07/schema#", schema.Draft, name)
	}
}
