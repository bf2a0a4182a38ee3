package directory

import "slices"

// The bits of a mode that matter, as they stand for others.
const (
	mayRead  = 0o4
	mayEnter = 0o1 // into a directory
)

// principal is a user or a group of this machine.
type principal struct {
	group bool
	id    uint64
}

// readers are those who may do something: everyone, or a list, which may be
// empty.
type readers struct {
	everyone bool
	list     []principal
}

// permitted returns whom owner, group and mode of a file let do what a bit
// stands for.
//
// A list of readers can let somebody in but shut nobody out. So where a mode
// shuts out a group and lets others in (0604), only the owner is named. That it
// shuts out the owner alone (0040) means nothing: the owner may change it. With
// an access control list the bits of the group are not what the group may do,
// and the list may shut out anybody: only the owner is named.
func permitted(i *inode, bit uint64, hasACL bool) readers {
	var r readers
	if i.mode&(bit<<6) != 0 {
		r.list = append(r.list, principal{id: i.uid})
	}
	if hasACL || i.mode&(bit<<3) == 0 {
		return r
	}
	r.everyone = i.mode&bit != 0
	r.list = append(r.list, principal{group: true, id: i.gid})
	return r
}

// and returns those who are in both.
func (a readers) and(b readers, known *accounts) readers {
	switch {
	case a.everyone && b.everyone:
		return readers{everyone: true}
	case a.everyone:
		return readers{list: b.list}
	case b.everyone:
		return readers{list: a.list}
	}
	var both readers
	for _, x := range a.list {
		for _, y := range b.list {
			for _, p := range known.common(x, y) {
				if !slices.Contains(both.list, p) {
					both.list = append(both.list, p)
				}
			}
		}
	}
	return both
}

// common returns what two principals have in common: themselves when they are
// the same, the user when the other is a group of hers, the users who are in
// two groups.
func (a *accounts) common(x, y principal) []principal {
	switch {
	case x == y:
		return []principal{x}
	case x.group && y.group:
		var users []principal
		for i := range a.users {
			if u := &a.users[i]; u.in(x.id) && u.in(y.id) {
				users = append(users, principal{id: u.uid})
			}
		}
		return users
	case x.group:
		x, y = y, x
	case !y.group:
		return nil
	}
	if slices.ContainsFunc(a.users, func(u account) bool { return u.uid == x.id && u.in(y.id) }) {
		return []principal{x}
	}
	return nil
}
