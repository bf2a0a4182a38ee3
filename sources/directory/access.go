package directory

import (
	"context"
	"path/filepath"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Identities emits every user and every group of this machine. A user's id is
// the name alone, a group's "group:" and the name.
func (s *Source) Identities(ctx context.Context, emit func(connector.Document) error) error {
	a, err := systemAccounts()
	if err != nil {
		return s.wrap(err)
	}
	for i := range a.users {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := emit(a.user(&a.users[i])); err != nil {
			return err
		}
	}
	for i := range a.groups {
		g := &a.groups[i]
		id := a.identity(principal{group: true, id: g.gid})
		d := connector.NewIdentity("group:"+g.name, []string{id, everyone})
		d.Set("identity", map[string]any{"type": "group", "name": g.name, "gid": g.gid})
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

// user is the identity of a user: what stands for her and for her groups.
func (a *accounts) user(u *account) connector.Document {
	access := []string{a.identity(principal{id: u.uid})}
	for _, gid := range u.groups {
		access = append(access, a.identity(principal{group: true, id: gid}))
	}
	d := connector.NewIdentity(u.name, append(access, everyone))
	d.Set("identity", map[string]any{"type": "user", "name": u.name, "full_name": u.full, "uid": u.uid})
	return d
}

// permissions find out who may read the files of a walk.
type permissions struct {
	accounts *accounts
	lists    map[permission][]string // of the directory at hand
}

// permission is all that a file's readers depend on within one directory.
type permission struct {
	mode, uid, gid uint64
	acl            bool
}

func newPermissions() (*permissions, error) {
	a, err := systemAccounts()
	if err != nil {
		return nil, err
	}
	return &permissions{accounts: a, lists: map[permission][]string{}}, nil
}

// list returns who may read a file: who may read it by its own mode, and enter
// every directory on the way to it.
func (p *permissions) list(reach readers, path string, i *inode) []string {
	at := permission{i.mode, i.uid, i.gid, hasACL(path)}
	if list, known := p.lists[at]; known {
		return list
	}
	list := p.names(reach.and(permitted(i, mayRead, at.acl), p.accounts))
	p.lists[at] = list
	return list
}

// linked is list for a file behind a link. The way to where it lies must be
// open as well.
func (p *permissions) linked(reach readers, path string, i *inode) []string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return p.names(readers{})
	}
	reach = reach.and(p.reach(filepath.Dir(real)), p.accounts)
	return p.names(reach.and(permitted(i, mayRead, hasACL(real)), p.accounts))
}

func (p *permissions) names(r readers) []string {
	if r.everyone {
		return []string{everyone}
	}
	if len(r.list) == 0 {
		return []string{connector.Nobody}
	}
	names := make([]string, len(r.list))
	for i, who := range r.list {
		names[i] = p.accounts.identity(who)
	}
	return names
}

// reach returns who may enter a directory and all those above it, up to the
// root of the file system. The path holds no links. A directory that can't be
// looked at lets nobody in.
func (p *permissions) reach(path string) readers {
	r := readers{everyone: true}
	for {
		var s stat
		if err := lookAt(path, &s); err != nil || !s.hasInode {
			return readers{}
		}
		r = r.and(permitted(&s.inode, mayEnter, hasACL(path)), p.accounts)
		above := filepath.Dir(path)
		if above == path {
			return r
		}
		path = above
	}
}

// behind is reach for a path that may hold links: it counts where they lead.
func (p *permissions) behind(path string) readers {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return readers{}
	}
	return p.reach(real)
}
