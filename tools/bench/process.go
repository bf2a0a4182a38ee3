package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// roleVariable makes this program a process that is measured.
const roleVariable = "TRIBUTARY_BENCH_ROLE"

// roleTributary is the role of the product's program, with a source of the
// bench compiled in.
const roleTributary = "tributary"

// answer is what a measured process says of itself.
type answer struct {
	CPU    time.Duration // user and system, of the measured part
	Wall   time.Duration
	Allocs float64 // per document
	Peak   int64   // resident bytes of the whole process
	Source usage   // of the source alone, without engine and writer
}

type usage struct {
	CPU    time.Duration
	Allocs float64
}

// spawn runs a role of this program and returns what it says.
func (b *bench) spawn(role string, args ...string) (a answer, err error) {
	cmd := exec.Command(b.self, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return a, fmt.Errorf("%s: %w: %s", role, err, strings.TrimSpace(complaint.String()))
	}
	return a, json.Unmarshal(out.Bytes(), &a)
}

// exec runs a program to its end and measures it from outside.
func (b *bench) exec(env []string, name string, args ...string) (a answer, out string, err error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), env...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return a, "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case err = <-ended:
			waiting = false
		case <-tick.C:
			a.Peak = max(a.Peak, peak(cmd.Process.Pid))
		}
	}
	a.Wall = time.Since(start)
	a.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(text.String()))
	}
	return a, text.String(), err
}

// cpu is the time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuOf is the time that another process has used, in steps of 10 ms.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peak is the largest resident set that a process has had, in bytes; 0 when
// the system does not tell.
func peak(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
