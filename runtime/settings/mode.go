package settings

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/runtime/connector"
)

// secretHeader is the name of a header that most likely holds a secret.
var secretHeader = regexp.MustCompile(`(?i)auth|cookie|key|password|secret|token`)

// notePlain remembers that a secret stands in the file itself: the value of a
// secret setting, the password in an address, a header that lets in.
func (l *loader) notePlain(f field, entry string, value *yaml.Node) {
	text := value.Value
	if l.plainKey != "" || value.Kind != yaml.ScalarNode || text == "" || strings.Contains(text, "${") {
		return
	}
	switch {
	case f.secret && !strings.HasPrefix(text, "file:"):
		l.plainKey = f.key
	case f.key == "elasticsearch.headers" && secretHeader.MatchString(entry):
		l.plainKey = f.key + "." + entry
	case strings.Contains(text, "://") && len(connector.Passwords(text)) > 0:
		l.plainKey = "a password in " + f.key
	}
}

// checkMode warns about a file with secrets that others can read.
func (l *loader) checkMode() {
	if l.plainKey != "" {
		l.checkFile(l.in.File, l.plainKey)
	}
}

// checkFile warns about a file that others can read. Windows has no such modes.
func (l *loader) checkFile(path, holds string) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return
	}
	advice := "run chmod 600 " + path
	if path == l.in.File {
		advice += ", or use ${NAME} or file:"
	}
	l.warnings = append(l.warnings, Problem{Origin: path,
		Message: fmt.Sprintf("holds %s and can be read by other users (mode %04o); %s", holds, info.Mode().Perm(), advice)})
}

// lent reports a file that the machinery of containers put there, with modes of
// its own choice, where nobody else is.
func lent(path string) bool {
	return strings.HasPrefix(path, "/run/secrets/") || strings.HasPrefix(path, "/var/run/secrets/")
}
