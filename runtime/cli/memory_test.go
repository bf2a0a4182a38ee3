package cli_test

import (
	"math"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
)

func TestTheLimitOfAControlGroup(t *testing.T) {
	const v1, v2 = "sys/fs/cgroup/memory/", "sys/fs/cgroup/"
	for name, c := range map[string]struct {
		group string
		files map[string]string
		want  int64
	}{
		"another system":            {"", nil, math.MaxInt64},
		"version 2":                 {"0::/a/b\n", map[string]string{v2 + "a/b/memory.max": "67108864\n"}, 64 << 20},
		"version 2, none":           {"0::/a/b\n", map[string]string{v2 + "a/b/memory.max": "max\n"}, math.MaxInt64},
		"version 2, the one above":  {"0::/a/b\n", map[string]string{v2 + "a/b/memory.max": "max\n", v2 + "a/memory.max": "5000\n"}, 5000},
		"version 2, the least":      {"0::/a/b\n", map[string]string{v2 + "a/b/memory.max": "6000\n", v2 + "a/memory.max": "5000\n"}, 5000},
		"version 2 in a container":  {"0::/\n", map[string]string{v2 + "memory.max": "7000\n"}, 7000},
		"version 1":                 {"4:memory:/a\n3:cpu:/b\n", map[string]string{v1 + "a/memory.limit_in_bytes": "8000\n"}, 8000},
		"version 1, none":           {"4:memory:/a\n", map[string]string{v1 + "a/memory.limit_in_bytes": "9223372036854771712\n"}, math.MaxInt64},
		"version 1 in a container":  {"4:memory:/docker/f00\n", map[string]string{v1 + "memory.limit_in_bytes": "9000\n"}, 9000},
		"another controller's":      {"3:cpu:/a\n", map[string]string{v2 + "a/memory.max": "1"}, math.MaxInt64},
		"nonsense":                  {"x\n0::/../..\n", map[string]string{v2 + "memory.max": "many"}, math.MaxInt64},
		"both, the memory's counts": {"4:memory:/a\n0::/\n", map[string]string{v1 + "a/memory.limit_in_bytes": "8000\n"}, 8000},
	} {
		root := fstest.MapFS{"proc/self/cgroup": {Data: []byte(c.group)}}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		require.Equal(t, c.want, cli.GroupLimit(root), name)
	}
}
