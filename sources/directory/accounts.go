package directory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// everyone is the identity that every identity of this source has.
const everyone = "tributary:everyone"

// account is a user of this machine.
type account struct {
	name   string
	full   string // the name for people
	uid    uint64
	groups []uint64 // the first is the one in the user's entry
}

func (u *account) in(gid uint64) bool { return slices.Contains(u.groups, gid) }

// group is a group of this machine.
type group struct {
	name    string
	gid     uint64
	members []string
}

// accounts are the users and groups of this machine, as one sync finds them.
type accounts struct {
	users  []account
	groups []group
	names  map[principal]string // identities that were asked for
}

// readAccounts reads the files passwd and group of a folder.
func readAccounts(etc fs.FS) (*accounts, error) {
	a := &accounts{names: map[principal]string{}}
	err := errors.Join(
		readEntries(etc, "passwd", 4, a.addUser),
		readEntries(etc, "group", 3, a.addGroup),
	)
	if err != nil {
		return nil, fmt.Errorf("users and groups of this machine can't be read, so nobody can be told who may read what: %w", err)
	}
	for i := range a.users {
		u := &a.users[i]
		for _, g := range a.groups {
			if slices.Contains(g.members, u.name) && !u.in(g.gid) {
				u.groups = append(u.groups, g.gid)
			}
		}
	}
	return a, nil
}

// readEntries gives add the fields of every line with at least so many.
// Comments and entries that stand for another directory service ("+") are no
// accounts.
func readEntries(etc fs.FS, name string, least int, add func(fields []string)) error {
	file, err := etc.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadString('\n')
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) >= least && fields[0] != "" && !strings.ContainsAny(fields[0][:1], "#+-") {
			add(fields)
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (a *accounts) addUser(fields []string) {
	uid, err := strconv.ParseUint(fields[2], 10, 32)
	gid, also := strconv.ParseUint(fields[3], 10, 32)
	if err != nil || also != nil || slices.ContainsFunc(a.users, func(u account) bool { return u.name == fields[0] }) {
		return
	}
	u := account{name: fields[0], uid: uid, groups: []uint64{gid}}
	if len(fields) > 4 {
		u.full, _, _ = strings.Cut(fields[4], ",")
	}
	a.users = append(a.users, u)
}

func (a *accounts) addGroup(fields []string) {
	gid, err := strconv.ParseUint(fields[2], 10, 32)
	if err != nil || slices.ContainsFunc(a.groups, func(g group) bool { return g.name == fields[0] }) {
		return
	}
	g := group{name: fields[0], gid: gid}
	if len(fields) > 3 && fields[3] != "" {
		g.members = strings.Split(fields[3], ",")
	}
	a.groups = append(a.groups, g)
}

// identity is what stands for a principal in access lists: the first name of
// its number, or the number where the machine knows no name.
func (a *accounts) identity(p principal) string {
	if name, known := a.names[p]; known {
		return name
	}
	name := a.lookUp(p)
	a.names[p] = name
	return name
}

func (a *accounts) lookUp(p principal) string {
	number := strconv.FormatUint(p.id, 10)
	if p.group {
		if i := slices.IndexFunc(a.groups, func(g group) bool { return g.gid == p.id }); i >= 0 {
			return "group:" + a.groups[i].name
		}
		if g, err := user.LookupGroupId(number); err == nil {
			return "group:" + g.Name
		}
		return "gid:" + number
	}
	if i := slices.IndexFunc(a.users, func(u account) bool { return u.uid == p.id }); i >= 0 {
		return "user:" + a.users[i].name
	}
	if u, err := user.LookupId(number); err == nil {
		return "user:" + u.Username
	}
	return "uid:" + number
}
