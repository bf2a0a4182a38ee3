package cli

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// What a release is, which the linker fills in (-X); empty: what the build noted
// is said.
var release, commit, date = "", "", ""

// versionLine is the shape of `version --json`.
type versionLine struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Date     string `json:"date"` // of the commit, RFC 3339; empty if it is unknown
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		RunE: func(*cobra.Command, []string) error {
			v := version()
			if a.json {
				return a.printJSON(v)
			}
			built := ""
			if v.Revision != "" {
				built = " " + v.Revision[:min(12, len(v.Revision))]
			}
			if v.Date != "" {
				built += " of " + v.Date
			}
			if v.Modified {
				built += " with changes"
			}
			return a.print("tributary %s%s (%s, %s/%s)\n", v.Version, built, v.Go, v.OS, v.Arch)
		},
	}
}

// version is what the release or the build noted about itself.
func version() versionLine {
	v := versionLine{Version: cmp.Or(release, "unknown"), Revision: commit, Date: date, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = cmp.Or(release, info.Main.Version, v.Version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = cmp.Or(commit, s.Value)
		case "vcs.time":
			v.Date = cmp.Or(date, s.Value)
		case "vcs.modified":
			v.Modified = release == "" && s.Value == "true"
		}
	}
	return v
}
