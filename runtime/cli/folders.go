package cli

import (
	"errors"
	"path/filepath"
	"runtime"

	"github.com/tributary-search/tributary/runtime/settings"
)

// dataDir is the folder of the embedded node's data.
func (a *app) dataDir() (string, error) {
	if a.settings.Data != "" {
		return filepath.Abs(a.settings.Data)
	}
	state := a.stateDir()
	if state == "" {
		return "", errors.New("no folder for the embedded node's data: HOME is not set; name one with --data")
	}
	return filepath.Join(state, "tributary"), nil
}

// lettersSettings are the settings with the folder in which files of dead letters
// are kept, where there is one.
func (a *app) lettersSettings() settings.Settings {
	s := a.settings
	s.Data, _ = a.dataDir() // without one there are no files
	return s
}

// stateDir is where programs of this user keep their state; empty when the
// environment does not tell.
func (a *app) stateDir() string {
	home := a.env["HOME"]
	switch dir := a.env["XDG_STATE_HOME"]; {
	case filepath.IsAbs(dir):
		return dir
	case runtime.GOOS == "windows":
		return a.env["LOCALAPPDATA"]
	case home == "":
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support")
	}
	return filepath.Join(home, ".local", "state")
}

// configDir is where programs of this user keep their configuration; empty
// when the environment does not tell.
func (a *app) configDir() string {
	home := a.env["HOME"]
	switch dir := a.env["XDG_CONFIG_HOME"]; {
	case filepath.IsAbs(dir):
		return dir
	case runtime.GOOS == "windows":
		return a.env["APPDATA"]
	case home == "":
		return ""
	}
	return filepath.Join(home, ".config")
}
