package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// accepted are the licences that may be linked, each with what it asks for.
var accepted = map[string]string{
	"Apache-2.0":   "its text, and the notices of the module are repeated",
	"BSD-2-Clause": "its text is repeated",
	"BSD-3-Clause": "its text is repeated",
	"CC0-1.0":      "nothing",
	"ISC":          "its text is repeated",
	"MIT":          "its text is repeated",
	"MPL-2.0":      "files under it stay under it; such modules are linked unchanged, and NOTICE says where their source is",
	"Unlicense":    "nothing",
}

// text is one file of a licence.
type text struct {
	ids        []string // SPDX, sorted
	copyrights []string // who gives the licence
	body       string
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|unlicen[cs]e|copyright)([-.].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notices?(\.(txt|md))?$`)
	noText      = regexp.MustCompile(`(?i)\.(go|json|ya?ml)$`)
	copyright   = regexp.MustCompile(`(?i)^\W*(portions )?copyright\b.*(\d{4}|\(c\)|©)`)
)

// known is the share of a text, in percent, that must be that of a licence.
const known = 75

// read fills in the licences of a module and refuses those that are not
// accepted.
func (m *module) read() error {
	var problems []error
	for _, folder := range m.folders() {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if !entry.Type().IsRegular() || noText.MatchString(entry.Name()) {
				continue
			}
			if err := m.file(filepath.Join(folder, entry.Name())); err != nil {
				problems = append(problems, err)
			}
		}
	}
	if len(m.texts) == 0 && len(problems) == 0 {
		return fmt.Errorf("%s %s has no licence: it must not be used", m.path, m.version)
	}
	return errors.Join(problems...)
}

// file reads one that may be a licence or a notice.
func (m *module) file(path string) error {
	name := filepath.Base(path)
	isLicence, isNotice := licenceFile.MatchString(name), noticeFile.MatchString(name)
	if !isLicence && !isNotice {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	body := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
	if isNotice {
		m.notices = append(m.notices, body)
		return nil
	}
	found := licensecheck.Scan(content)
	ids := map[string]bool{}
	for _, match := range found.Match {
		if !match.IsURL {
			ids[match.ID] = true
		}
	}
	t := text{ids: slices.Sorted(maps.Keys(ids)), copyrights: copyrights(body), body: body}
	for _, id := range t.ids {
		if _, ok := accepted[id]; !ok {
			return fmt.Errorf("%s %s is under %s (%s), which is not accepted: do without it, or let the project decide and add it to accepted in tools/licences", m.path, m.version, id, name)
		}
	}
	if found.Percent < known || len(ids) == 0 {
		return fmt.Errorf("%s %s has a licence that is not recognised (%s): read it; if it may be linked, teach tools/licences its text, else do without the module", m.path, m.version, name)
	}
	m.texts = append(m.texts, t)
	return nil
}

// copyrights are the lines that say whose a text is; those of templates are
// left out.
func copyrights(body string) []string {
	var lines []string
	for line := range strings.Lines(body) {
		line = strings.Trim(line, " \t\r\n#*>/")
		if copyright.MatchString(line) && !strings.ContainsAny(line, "[{<") && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// licences are the names of all licences of a module.
func (m module) licences() string {
	ids := map[string]bool{}
	for _, t := range m.texts {
		for _, id := range t.ids {
			ids[id] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " and ")
}
