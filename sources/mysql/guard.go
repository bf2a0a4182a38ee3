package mysql

import (
	"fmt"
	"regexp"
	"strings"
)

// refused are functions that wait, lock, write or read files of the server.
var refused = map[string]string{
	"SLEEP": "waits", "BENCHMARK": "burns the server's time", "LOAD_FILE": "reads files of the server",
	"GET_LOCK": "takes locks", "RELEASE_LOCK": "frees locks", "RELEASE_ALL_LOCKS": "frees locks",
	"MASTER_POS_WAIT": "waits", "SOURCE_POS_WAIT": "waits", "MASTER_GTID_WAIT": "waits",
	"WAIT_FOR_EXECUTED_GTID_SET": "waits", "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS": "waits",
	"NEXTVAL": "changes a sequence", "SETVAL": "changes a sequence", "SYS_EXEC": "runs programs", "SYS_EVAL": "runs programs",
}

// guard says what keeps a text from being the query of a rule; empty: nothing.
// It is the first fence: the transaction in which queries run can't write, and
// the user should have no privilege to.
func guard(query string) string {
	tokens, bad := scan(query)
	switch {
	case bad != "":
		return bad
	case len(tokens) == 0:
		return "is empty"
	}
	switch first := tokens[0].word; first {
	case "SELECT", "WITH", "(":
	default:
		return fmt.Sprintf("begins with %s: only SELECT is allowed", first)
	}
	for i, t := range tokens {
		next := func(n int) string {
			if i+n < len(tokens) {
				return tokens[i+n].word
			}
			return ""
		}
		if says := refusal(t, next); says != "" {
			return says
		}
	}
	return ""
}

func refusal(t token, next func(int) string) string {
	why, named := refused[t.word]
	switch {
	case t.word == ";":
		return "holds a second statement after the first: a rule is one SELECT"
	case t.word == "?":
		return "holds a ?, for which there is no value"
	case named && next(1) == "(":
		return fmt.Sprintf("calls %s, which %s", t.word, why)
	case t.quoted:
		return ""
	case t.word == "INTO":
		return "has INTO, which writes: only SELECT without INTO is allowed"
	case t.word == "FOR" && (next(1) == "UPDATE" || next(1) == "SHARE"):
		return fmt.Sprintf("has FOR %s, which locks rows", next(1))
	case t.word == "LOCK" && next(1) == "IN":
		return "has LOCK IN SHARE MODE, which locks rows"
	case t.word == "NEXT" && next(1) == "VALUE":
		return "has NEXT VALUE FOR, which changes a sequence"
	case t.word == "DELETE" || t.word == "UPDATE":
		return fmt.Sprintf("has %s, which writes", t.word)
	}
	return ""
}

// limits finds the hints to MySQL's optimizer that do more than choose a plan.
var limits = regexp.MustCompile(`(?i)MAX_EXECUTION_TIME|SET_VAR|RESOURCE_GROUP`)

// token is a word in capitals, or one character.
type token struct {
	word   string
	quoted bool // between backticks or double quotes
}

// scan splits SQL. Texts between single quotes, and comments, are left out.
func scan(sql string) (tokens []token, bad string) {
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := endOfText(sql, i)
			if end < 0 {
				return nil, fmt.Sprintf("has a %c without its other one", c)
			}
			if c != '\'' { // a name, or with ANSI_QUOTES one
				tokens = append(tokens, token{strings.ToUpper(sql[i+1 : end-1]), true})
			}
			i = end
		case strings.HasPrefix(sql[i:], "/*!") || strings.HasPrefix(sql[i:], "/*M!"):
			return nil, "has a comment that the server runs (/*!): write plain SQL"
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return nil, "has a comment without end"
			}
			if hint := sql[i : i+2+end]; strings.HasPrefix(hint, "/*+") && limits.MatchString(hint) {
				return nil, "has a hint that changes limits or settings (/*+): take it out"
			}
			i += end + 4
		case c == '#' || isDashComment(sql[i:]):
			end := strings.IndexByte(sql[i:], '\n')
			if end < 0 {
				return tokens, ""
			}
			i += end
		case isWord(c):
			start := i
			for i < len(sql) && isWord(sql[i]) {
				i++
			}
			tokens = append(tokens, token{word: strings.ToUpper(sql[start:i])})
		case c <= ' ':
			i++
		default:
			tokens = append(tokens, token{word: sql[i : i+1]})
			i++
		}
	}
	return tokens, ""
}

func isDashComment(sql string) bool {
	return strings.HasPrefix(sql, "--") && (len(sql) == 2 || sql[2] <= ' ')
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c == '@' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// endOfText returns the place after a quoted text, or -1.
func endOfText(sql string, start int) int {
	quote := sql[start]
	for i := start + 1; i < len(sql); i++ {
		switch {
		case sql[i] == '\\' && quote != '`':
			i++
		case sql[i] == quote && i+1 < len(sql) && sql[i+1] == quote:
			i++
		case sql[i] == quote:
			return i + 1
		}
	}
	return -1
}
