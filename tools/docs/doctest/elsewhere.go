package doctest

import "strings"

// row is what begins a command that can't be checked here, and why.
type row struct{ file, begins, why string }

// rows lists them. An empty file means every document.
var rows = []row{
	{"docs/first-source.md", "", "the tutorial's own test runs its commands"},
	{"docs/mistakes.md", "go test ./sources/shop ", "a source that the reader makes"},
	{"", "export ", "sets variables of the shell"},
	{"", "cd ", "moves the shell"},
	{"", "CREATE ", "SQL: an administrator runs it in the database"},
	{"", "GRANT ", "SQL: an administrator runs it in the database"},
	{"", "ALTER ", "SQL: an administrator runs it in the database"},
	{"", "-- ", "SQL: a comment"},
	{"sources/mongodb/README.md", "", "mongosh: an administrator runs it in the database"},
	{"", "docker ", "needs a container engine"},
	{"", "kubectl ", "needs a cluster"},
	{"", "curl ", "asks a server that runs"},
	{"", "systemctl ", "needs systemd"},
	{"docs/cli-json.md", "emitted ", "a formula"},
	{"", "go run golang.org/x/vuln/", "asks the vulnerability database on the network"},
}

// elsewhere returns the reason why a command is not checked.
func elsewhere(file string, words []string) (why string, listed bool) {
	text := strings.Join(words, " ") + " "
	for _, r := range rows {
		if (r.file == "" || r.file == file) && strings.HasPrefix(text, r.begins) && !(r.begins == "" && words[0] == "tributary") {
			return r.why, true
		}
	}
	return "", false
}
