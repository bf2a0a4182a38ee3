package mysql

import (
	"slices"
	"strings"

	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// transactional are statements of the log that begin or end transactions.
var transactional = []string{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA", "START"}

// harmless are the first words of statements that change neither rows nor
// columns.
var harmless = []string{"ANALYZE", "OPTIMIZE", "REPAIR", "CHECK", "FLUSH", "GRANT", "REVOKE", "SET", "RESET", "INSTALL", "UNINSTALL"}

// writing are the first words of statements that change rows: they are in the
// log where somebody set binlog_format for a session.
var writing = []string{"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH", "CALL"}

// ends reports whether a statement ends a transaction.
func ends(s binlog.Statement) bool { return s.Text == "COMMIT" || s.Text == "ROLLBACK" }

// disturbs says what a statement of the log may have done to tables without
// telling their rows; empty: nothing.
func disturbs(s binlog.Statement, database string, tables map[string]bool) string {
	tokens, bad := scan(strings.ReplaceAll(strings.ReplaceAll(s.Text, "/*!", "/* "), "/*M!", "/*  "))
	if bad != "" {
		return "a statement that can't be read was run: " + short(s.Text)
	}
	if len(tokens) == 0 || tokens[0].quoted {
		return ""
	}
	first := tokens[0].word
	switch {
	case slices.Contains(transactional, first), slices.Contains(harmless, first):
		return ""
	case slices.Contains(writing, first):
		return "rows were changed by a statement and not by rows, as somebody set binlog_format for a session: " + short(s.Text)
	}
	second := ""
	if len(tokens) > 1 {
		second = tokens[1].word
	}
	if second == "USER" || second == "ROLE" || second == "INDEX" && first != "ALTER" {
		return ""
	}
	meant := namesTable(tokens, s.Database, database, tables)
	if second == "DATABASE" || second == "SCHEMA" {
		meant = slices.ContainsFunc(tokens, func(t token) bool { return t.word == strings.ToUpper(database) })
	}
	if meant {
		return "a table was changed: " + short(s.Text)
	}
	return ""
}

// namesTable reports whether one of the tables is named, as TABLE where the
// database is the statement's own, or as DATABASE.TABLE.
func namesTable(tokens []token, own, database string, tables map[string]bool) bool {
	for i, t := range tokens {
		in := own
		if i >= 2 && tokens[i-1].word == "." {
			in = tokens[i-2].word
		}
		if tables[t.word] && strings.EqualFold(in, database) {
			return true
		}
	}
	return false
}

// short is the beginning of a statement.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 100 {
		return text[:100] + "…"
	}
	return text
}
