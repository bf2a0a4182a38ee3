package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/model"
)

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"host":           "Host",
		"ssl_ca":         "SSLCA",
		"sslCa":          "SSLCA",
		"maxTimeMS":      "MaxTimeMS",
		"max_time_ms":    "MaxTimeMS",
		"user_id":        "UserID",
		"IDList":         "IDList",
		"HTTPServer":     "HTTPServer",
		"a-b.c d":        "ABCD",
		"$filter":        "Filter",
		"_id":            "ID",
		"2fa":            "N2fa",
		"page2":          "Page2",
		"url":            "URL",
		"größe":          "Größe",
		"日本":             "",
		"":               "",
		"$":              "",
		"oauth2_token":   "Oauth2Token",
		"type":           "Type",
		"x\"; var y":     "XVarY",
		"e\u0301t\u00e9": "ETé",
	} {
		require.Equal(t, want, model.GoName(name), name)
	}
}

func TestCheckDir(t *testing.T) {
	for _, name := range []string{"directory", "a", "sql_server2", "x9"} {
		reason, _ := model.CheckDir(name)
		require.Empty(t, reason, name)
	}
	for _, name := range []string{"", "A", "a__b", "a_", "_a", "9a", "ä", "a/b", "a.b", "type", "len", "nil", "any", "x_test", "internal", "init"} {
		reason, instead := model.CheckDir(name)
		require.NotEmpty(t, reason, name)
		if instead != "" {
			again, _ := model.CheckDir(instead)
			require.Empty(t, again, "%q is suggested for %q", instead, name)
		}
	}
}
