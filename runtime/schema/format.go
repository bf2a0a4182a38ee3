package schema

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// format is one value of the keyword "format".
type format struct {
	name string
	what string // completes "must be …"
	ok   func(text string) bool
}

var formats = []format{
	{"date", "a date such as 2026-01-31", isDate},
	{"date-time", "a time such as 2026-01-31T12:00:00Z", isDateTime},
	{"email", "an e-mail address", isEmail},
	{"hostname", "a host name or an IP address, without scheme and port", isHostname},
	{"path", "a path on this machine", isPath},
	{"uri", "an address with a scheme, such as https://example.com/", isURI},
}

// Formats returns the names that the keyword "format" may have, sorted. The
// decoder of configurations and schemas check them by the same functions.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

func formatOf(name string) (format, bool) {
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	if i < 0 {
		return format{}, false
	}
	return formats[i], true
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// isDateTime accepts what time.Time reads from JSON, so that a valid text can
// always be decoded.
func isDateTime(text string) bool {
	var t time.Time
	return t.UnmarshalText([]byte(text)) == nil
}

func isEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}

var hostLabel = regexp.MustCompile(`^[0-9A-Za-z_]([0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?$`)

// isHostname allows underscores, which container networks use in names.
func isHostname(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	text = strings.TrimSuffix(text, ".")
	if len(text) > 253 {
		return false
	}
	for label := range strings.SplitSeq(text, ".") {
		if !hostLabel.MatchString(label) {
			return false
		}
	}
	return true
}

func isPath(text string) bool {
	return text != "" && strings.IndexByte(text, 0) < 0
}

func isURI(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && (u.Host != "" || u.Opaque != "" || u.Path != "")
}
