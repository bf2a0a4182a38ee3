package cli

import (
	"runtime/debug"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// thrift is the memory from which on a process with the embedded node rather
// spends time than more of it: making texts searchable leaves much behind that
// is used no longer.
const thrift = 512 << 20

// attach opens the embedded node of a folder, or finds the process that has
// it. GOMEMLIMIT in the environment has the last word on memory.
func (a *app) attach(dir string, o embedded.Options) (*embedded.Attached, error) {
	if a.env["GOMEMLIMIT"] == "" {
		debug.SetMemoryLimit(thrift)
	}
	a.warnModes(dir)
	return embedded.Attach(dir, o)
}
