package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Program is the program under test and the folder in which it runs.
type Program struct {
	Path string // absolute
	Dir  string // absolute; its account may write there
	env  []string
}

// NewProgram prepares a folder for the program. What it covers of the code goes to
// cover, in the form of GOCOVERDIR.
func NewProgram(path, dir, cover string, env ...string) (*Program, error) {
	for _, d := range []string{dir, cover, filepath.Join(dir, "home")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
		if err := give(d); err != nil {
			return nil, err
		}
	}
	all := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home"), "GOCOVERDIR=" + cover}
	return &Program{Path: path, Dir: dir, env: append(all, env...)}, nil
}

// Setenv gives the program a variable of its environment from now on: "NAME=value".
func (p *Program) Setenv(variable string) { p.env = append(p.env, variable) }

func (p *Program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Path, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = p.Dir, p.env, attributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = patience
	return cmd
}

// Call runs a command with --json and decodes its last line. It is an error if
// the command fails, unless it tells of the result of a job.
func (p *Program) Call(ctx context.Context, into any, args ...string) error {
	var said bytes.Buffer
	cmd := p.command(ctx, append([]string{"--json"}, args...)...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	last := lines[len(lines)-1]
	var line struct{ Type string }
	if err != nil && (json.Unmarshal(last, &line) != nil || line.Type != "result") {
		return fmt.Errorf("tributary %s: %w: %s", strings.Join(args, " "), errors.Join(context.Cause(ctx), err), bytes.TrimSpace(said.Bytes()))
	}
	if err := json.Unmarshal(last, into); err != nil {
		return fmt.Errorf("tributary %s printed %.200q: %w", strings.Join(args, " "), out, err)
	}
	return nil
}

// Running is a program that runs until it is stopped.
type Running struct {
	cmd   *exec.Cmd
	log   string // path of its standard output and error
	ended chan struct{}
	err   error // once it has ended
}

// Start runs a command in the background, with a log named after it.
func (p *Program) Start(name string, args ...string) (*Running, error) {
	r := &Running{cmd: p.command(context.Background(), args...), log: filepath.Join(p.Dir, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	r.cmd.Stdout, r.cmd.Stderr = log, log
	if err := r.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	go func() {
		r.err = errors.Join(r.cmd.Wait(), log.Close())
		close(r.ended)
	}()
	return r, nil
}

// Await waits until a line of the log is a JSON object of a type, and returns
// it.
func (r *Running) Await(ctx context.Context, kind string) (line []byte, err error) {
	for {
		text, err := os.ReadFile(r.log)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(text) {
			var said struct{ Type string }
			if json.Unmarshal(line, &said) == nil && said.Type == kind {
				return line, nil
			}
		}
		select {
		case <-r.ended:
			return nil, fmt.Errorf("it ended: %w\n%s", r.err, r.Tail())
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// patience is how long a program may take to end when it is asked to.
const patience = 20 * time.Second

// Stop asks the program to end. It is an error if it does not, or fails.
func (r *Running) Stop() error {
	_ = r.cmd.Process.Signal(os.Interrupt)
	return r.Wait()
}

// Wait waits for the end of a program that was asked to end. It is an error if
// it does not, or fails.
func (r *Running) Wait() error {
	select {
	case <-r.ended:
	case <-time.After(patience):
		r.Kill()
		return fmt.Errorf("it did not end within %s when it was asked to\n%s", patience, r.Tail())
	}
	if r.err != nil {
		return fmt.Errorf("it ended with %w\n%s", r.err, r.Tail())
	}
	return nil
}

// PID is the number of the process.
func (r *Running) PID() int { return r.cmd.Process.Pid }

// Signal sends it a signal.
func (r *Running) Signal(s os.Signal) error { return r.cmd.Process.Signal(s) }

// Ended is closed when the program has ended.
func (r *Running) Ended() <-chan struct{} { return r.ended }

// Log is the path of what it wrote.
func (r *Running) Log() string { return r.log }

// Kill ends the program at once, also when it is stopped. What it covered is lost.
func (r *Running) Kill() {
	_ = r.cmd.Process.Kill()
	<-r.ended
}

// Peak is the most memory that the program had so far, in MiB; 0 where the system
// does not tell.
func (r *Running) Peak() int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), " kB"))
			return (kib + 1023) / 1024
		}
	}
	return 0
}

// Tail is the end of the log.
func (r *Running) Tail() string {
	text, _ := os.ReadFile(r.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-8):], "\n  ")
}
