package directory

import "io/fs"

// Inode is what decides who may read a file or enter a directory.
type Inode struct {
	Mode, UID, GID uint64
	ACL            bool
}

func (i Inode) inode() *inode { return &inode{mode: i.Mode, uid: i.UID, gid: i.GID} }

// Readers returns who may read a file at the end of a way of directories, on a
// machine with these users and groups.
func Readers(etc fs.FS, way []Inode, file Inode) ([]string, error) {
	a, err := readAccounts(etc)
	if err != nil {
		return nil, err
	}
	p := &permissions{accounts: a}
	r := readers{everyone: true}
	for _, dir := range way {
		r = r.and(permitted(dir.inode(), mayEnter, dir.ACL), a)
	}
	return p.names(r.and(permitted(file.inode(), mayRead, file.ACL), a)), nil
}

// UserAccess returns the access lists of the identities of users, by name.
func UserAccess(etc fs.FS) (map[string]string, error) {
	a, err := readAccounts(etc)
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for i := range a.users {
		d := a.user(&a.users[i])
		fields[d.ID] = string(d.Fields())
	}
	return fields, nil
}

// HasACL opens hasACL.
func HasACL(path string) bool { return hasACL(path) }
