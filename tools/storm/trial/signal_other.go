//go:build !unix

package trial

import (
	"errors"
	"os"
)

var errNoSignals = errors.New("this system can't pause a process")

func freeze(*os.Process) error { return errNoSignals }

func thaw(*os.Process) error { return errNoSignals }
