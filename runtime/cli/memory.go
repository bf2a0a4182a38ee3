package cli

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

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
		debug.SetMemoryLimit(min(thrift, debug.SetMemoryLimit(-1)))
	}
	a.warnModes(dir)
	return embedded.Attach(dir, o)
}

// obeyGroup has Go collect garbage before the system ends the process for its
// memory, where its control group has a limit and GOMEMLIMIT says nothing. A
// fifth is left for what Go does not count, and for a large document that is
// garbage when the next one comes.
func (a *app) obeyGroup(root fs.FS) {
	limit := groupLimit(root)
	if a.env["GOMEMLIMIT"] != "" || limit == math.MaxInt64 {
		return
	}
	most := limit / 5 * 4
	debug.SetMemoryLimit(min(most, debug.SetMemoryLimit(-1)))
	a.log.Info("memory is limited by the control group; GOMEMLIMIT overrides what Go uses of it", "group_bytes", limit, "go_bytes", most)
}

// groupLimit is the least memory that a control group which the process is in
// may have, version 2 or 1; [math.MaxInt64] without a limit, or on a system
// that has no such groups. In a container the groups above are not seen: paths
// that are not there say nothing.
func groupLimit(root fs.FS) int64 {
	limit := int64(math.MaxInt64)
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		if parts[1] == "memory" {
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if parts[1] != "" {
			continue
		}
		for dir := path.Clean("/" + parts[2]); ; dir = path.Dir(dir) {
			value, _ := fs.ReadFile(root, path.Join(mount, dir, file))
			n, err := strconv.ParseInt(strings.TrimSpace(string(value)), 10, 64)
			if err == nil && n > 0 && n < unlimited {
				limit = min(limit, n)
			}
			if dir == "/" {
				break
			}
		}
	}
	return limit
}

// unlimited is below what version 1 says when there is no limit.
const unlimited = 1 << 60
