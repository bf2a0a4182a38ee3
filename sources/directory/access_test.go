//go:build darwin || freebsd || linux || netbsd || openbsd

package directory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

// etc is a small machine. Alice and bob are in staff, bob and carol in press;
// sync and backup are one user by two names.
func etc() fstest.MapFS {
	return fstest.MapFS{
		"passwd": {Data: []byte(`# users
root:x:0:0:root:/root:/bin/sh
alice:x:4001:5001:Alice Adams,room 1,,:/home/alice:/bin/sh
bob:x:4002:5002:Bob:/home/bob:/bin/sh
carol:x:4003:5003::/home/carol:/bin/sh
sync:x:4004:5004:::
backup:x:4004:5004:::
alice:x:4009:5009:a second one:/:
broken:x:-1:0::/:
short:x
+nis::::::
`)},
		"group": {Data: []byte("root:x:0:\nalice:x:5001:\nstaff:x:6001:alice,bob\npress:x:6002:bob,carol,alice2\nbroken:x:x:\nstaff:x:6009:carol\nbob:x:5002:")},
	}
}

func TestReaders(t *testing.T) {
	const alice, bob, staff, press = 4001, 4002, 6001, 6002
	file := func(mode, uid, gid uint64) directory.Inode {
		return directory.Inode{Mode: mode, UID: uid, GID: gid}
	}
	open := file(0o755, 0, 0)
	for _, test := range []struct {
		why  string
		way  []directory.Inode
		file directory.Inode
		want []string
	}{
		{"everyone", []directory.Inode{open, open}, file(0o644, alice, staff), []string{"tributary:everyone"}},
		{"the group", []directory.Inode{open}, file(0o640, alice, staff), []string{"user:alice", "group:staff"}},
		{"the owner", []directory.Inode{open}, file(0o600, alice, staff), []string{"user:alice"}},
		{"nobody", []directory.Inode{open}, file(0, alice, staff), []string{"tributary:nobody"}},
		{"writing is not reading", []directory.Inode{open}, file(0o333, alice, staff), []string{"tributary:nobody"}},
		{"a list can't shut the group out", []directory.Inode{open}, file(0o604, alice, staff), []string{"user:alice"}},
		{"the owner may change what shuts her out", []directory.Inode{open}, file(0o044, alice, staff), []string{"tributary:everyone"}},
		{"numbers without names", nil, file(0o640, 7654321, 7654322), []string{"uid:7654321", "gid:7654322"}},
		{"an access control list", nil, directory.Inode{Mode: 0o644, UID: alice, GID: staff, ACL: true}, []string{"user:alice"}},
		{"a directory that may be listed only", []directory.Inode{file(0o744, bob, 0)}, file(0o644, alice, staff), []string{"user:bob"}},
		{"a directory that may be entered only", []directory.Inode{file(0o711, bob, 0)}, file(0o644, alice, staff), []string{"tributary:everyone"}},
		{"a closed directory", []directory.Inode{open, file(0, alice, staff), open}, file(0o644, alice, staff), []string{"tributary:nobody"}},
		{"another's directory", []directory.Inode{file(0o700, bob, press)}, file(0o600, alice, staff), []string{"tributary:nobody"}},
		{"the owner is in the directory's group", []directory.Inode{file(0o750, 0, staff)}, file(0o600, alice, 0), []string{"user:alice"}},
		{"the directory's owner is in the group", []directory.Inode{file(0o700, bob, 0)}, file(0o040, 0, press), []string{"user:bob"}},
		{"members of both groups", []directory.Inode{file(0o050, 0, staff)}, file(0o040, 0, press), []string{"user:bob"}},
		{"no members of both groups", []directory.Inode{file(0o050, 0, staff)}, file(0o040, 0, 5003), []string{"tributary:nobody"}},
		{"an owner nobody knows is in no group", []directory.Inode{file(0o050, 0, staff)}, file(0o400, 7654321, 0), []string{"tributary:nobody"}},
	} {
		got, err := directory.Readers(etc(), test.way, test.file)
		require.NoError(t, err)
		require.Equal(t, test.want, got, test.why)
	}
}

// posix says what the system would: one class of the mode decides, owner before
// group before others.
func posix(uid uint64, groups []uint64, i directory.Inode, bit uint64) bool {
	switch {
	case uid == i.UID:
		return i.Mode>>6&bit != 0
	case slices.Contains(groups, i.GID):
		return i.Mode>>3&bit != 0
	}
	return i.Mode&bit != 0
}

// owns reports whether a user may change who may read: then being shut out
// means nothing.
func owns(uid uint64, all []directory.Inode) bool {
	return slices.ContainsFunc(all, func(i directory.Inode) bool { return i.UID == uid })
}

// TestReadersAgreeWithTheSystem makes up files and directories and compares who
// is let in with what the system would say, for every user.
func TestReadersAgreeWithTheSystem(t *testing.T) {
	users := map[string]struct {
		uid    uint64
		groups []uint64
	}{
		"alice": {4001, []uint64{5001, 6001}}, "bob": {4002, []uint64{5002, 6001, 6002}}, "carol": {4003, []uint64{5003, 6002}},
	}
	access, err := directory.UserAccess(etc())
	require.NoError(t, err)
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	pick := func(list ...uint64) uint64 { return list[rnd.IntN(len(list))] }
	let := 0
	for range 3000 {
		all := make([]directory.Inode, 1+rnd.IntN(3))
		for i := range all {
			mode := pick(0o755, 0o750, 0o710, 0o700, 0o644, 0o640, uint64(rnd.IntN(0o1000)))
			all[i] = directory.Inode{Mode: mode, UID: pick(0, 4001, 4002, 4003), GID: pick(0, 5001, 6001, 6002)}
		}
		way, file := all[1:], all[0]
		list, err := directory.Readers(etc(), way, file)
		require.NoError(t, err)
		for name, u := range users {
			allowed := posix(u.uid, u.groups, file, 0o4)
			for _, dir := range way {
				allowed = allowed && posix(u.uid, u.groups, dir, 0o1)
			}
			in := grants(t, access[name], list)
			if in {
				let++
				require.True(t, allowed || owns(u.uid, all), "seed %d: %s may not read %+v behind %+v, but %v lets in", seed, name, file, way, list)
			}
			if plain(all) && allowed {
				require.True(t, in, "seed %d: %s may read %+v behind %+v, but %v does not let in", seed, name, file, way, list)
			}
		}
	}
	require.Positive(t, let)
}

// plain reports modes in which nobody may do less than those who are farther.
func plain(all []directory.Inode) bool {
	return !slices.ContainsFunc(all, func(i directory.Inode) bool {
		u, g, o := i.Mode>>6&0o5, i.Mode>>3&0o5, i.Mode&0o5
		return g&^u != 0 || o&^g != 0
	})
}

// grants reports whether an identity may see a document with a list.
func grants(t *testing.T, identity string, list []string) bool {
	t.Helper()
	var fields struct {
		Query struct {
			Template struct {
				Params struct {
					Access []string `json:"access_control"`
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte("{"+identity+"}"), &fields))
	return slices.ContainsFunc(fields.Query.Template.Params.Access, func(id string) bool { return slices.Contains(list, id) })
}

func TestIdentityOfAUser(t *testing.T) {
	access, err := directory.UserAccess(etc())
	require.NoError(t, err)
	require.Len(t, access, 6)
	require.JSONEq(t, `{
		"query": {"template": {
			"params": {"access_control": ["user:alice", "group:alice", "group:staff", "tributary:everyone"]},
			"source": "{\"bool\":{\"should\":[{\"bool\":{\"must_not\":{\"exists\":{\"field\":\"_allow_access_control\"}}}},{\"terms\":{\"_allow_access_control.keyword\":{{#toJson}}access_control{{/toJson}}}}],\"minimum_should_match\":1}}"
		}},
		"identity": {"type": "user", "name": "alice", "full_name": "Alice Adams", "uid": 4001}
	}`, "{"+access["alice"]+"}")
	require.Contains(t, access["backup"], `"user:sync"`, "a number goes by its first name")
}

func TestMachineWithoutAccounts(t *testing.T) {
	for _, missing := range []string{"passwd", "group"} {
		machine := etc()
		delete(machine, missing)
		_, err := directory.Readers(machine, nil, directory.Inode{})
		require.ErrorContains(t, err, "users and groups of this machine can't be read")
	}
}

// TestIdentitiesOfThisMachine emits what is in its files.
func TestIdentitiesOfThisMachine(t *testing.T) {
	s := open(t, t.TempDir(), "")
	ids := map[string]bool{}
	require.NoError(t, s.Identities(t.Context(), func(d connector.Document) error {
		require.False(t, ids[d.ID], d.ID)
		ids[d.ID] = true
		require.Contains(t, string(d.Fields()), `"tributary:everyone"`)
		d.Release()
		return nil
	}))
	require.True(t, ids["root"])
	stop := errors.New("stop")
	for n := range len(ids) {
		require.ErrorIs(t, s.Identities(t.Context(), func(connector.Document) error {
			if n--; n < 0 {
				return stop
			}
			return nil
		}), stop)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	require.ErrorIs(t, s.Identities(ctx, nil), stop)
}

// secured reads a directory with document-level security and returns the access
// lists by path.
func secured(t *testing.T, root, fields string, rules string) map[string][]string {
	t.Helper()
	if fields != "" {
		fields = "," + fields
	}
	s := open(t, root, `"use_document_level_security":true`+fields)
	lists := map[string][]string{}
	filter := connector.Filter{AdvancedRules: json.RawMessage(rules)}
	require.NoError(t, s.GetDocs(t.Context(), filter, func(d connector.Document) error {
		var file struct{ Path string }
		require.NoError(t, json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &file))
		local, err := filepath.Rel(root, file.Path)
		require.NoError(t, err)
		lists[filepath.ToSlash(local)] = d.Access
		d.Release()
		return nil
	}))
	return lists
}

// world is a directory that all may enter, and who these are: everyone, unless
// a directory above it is closed on this machine.
func world(t *testing.T) (dir string, all []string, owner, group string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		require.NoError(t, os.Chmod(d, 0o755))
	}
	owner, group = "uid:"+fmt.Sprint(os.Getuid()), "gid:"+fmt.Sprint(gidOf(t, dir))
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		owner = "user:" + u.Username
	}
	if g, err := user.LookupGroupId(fmt.Sprint(gidOf(t, dir))); err == nil {
		group = "group:" + g.Name
	}
	all = []string{"tributary:everyone"}
	for d := filepath.Dir(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		require.NoError(t, err)
		if info.Mode()&0o011 != 0o011 {
			all = []string{owner}
		}
		if d == filepath.Dir(d) {
			return dir, all, owner, group
		}
	}
}

func put(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	require.NoError(t, os.Chmod(path, mode))
}

func TestDocumentsHaveReaders(t *testing.T) {
	root, all, owner, group := world(t)
	put(t, filepath.Join(root, "open.txt"), 0o644)
	put(t, filepath.Join(root, "group.txt"), 0o640)
	put(t, filepath.Join(root, "owner.txt"), 0o600)
	put(t, filepath.Join(root, "closed.txt"), 0)
	put(t, filepath.Join(root, "hidden", "deep", "open.txt"), 0o644)
	put(t, filepath.Join(root, "shared", "open.txt"), 0o644)
	require.NoError(t, os.Chmod(filepath.Join(root, "hidden"), 0o700))
	require.NoError(t, os.Chmod(filepath.Join(root, "shared"), 0o711))
	want := map[string][]string{
		"open.txt": all, "group.txt": {owner, group}, "owner.txt": {owner}, "closed.txt": {"tributary:nobody"},
		"hidden/deep/open.txt": {owner}, "shared/open.txt": all,
	}
	if all[0] == owner {
		want["group.txt"] = all
	}
	require.Equal(t, want, secured(t, root, "", ""))
	require.Equal(t, map[string][]string{"owner.txt": {owner}}, secured(t, root, "", `[{"pattern":"owner.txt"}]`), "under advanced rules")
}

// TestReadersBehindLinks counts the way of the link, and the way to where it
// leads.
func TestReadersBehindLinks(t *testing.T) {
	root, all, owner, _ := world(t)
	put(t, filepath.Join(root, "hidden", "file.txt"), 0o644)
	put(t, filepath.Join(root, "hidden", "folder", "file.txt"), 0o644)
	put(t, filepath.Join(root, "open", "file.txt"), 0o644)
	require.NoError(t, os.Chmod(filepath.Join(root, "hidden"), 0o700))
	for link, to := range map[string]string{
		"link.txt": "hidden/file.txt", "folder": "hidden/folder", "open.txt": "open/file.txt", "hidden/open": "../open",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(root, link)))
	}
	require.Equal(t, map[string][]string{
		"hidden/file.txt": {owner}, "hidden/folder/file.txt": {owner}, "open/file.txt": all,
		"link.txt": {owner}, "folder/file.txt": {owner}, "open.txt": all, "hidden/open/file.txt": {owner},
	}, secured(t, root, `"follow_links":true`, ""))

	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(filepath.Join(root, "hidden"), link))
	require.Equal(t, map[string][]string{"file.txt": {owner}, "folder/file.txt": {owner}}, secured(t, link, "", ""), "the directory is a link itself")
}

func TestWithoutDocumentLevelSecurity(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "open.txt"), 0o644)
	require.NoError(t, open(t, root, "").GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		require.Nil(t, d.Access)
		return nil
	}))
}
