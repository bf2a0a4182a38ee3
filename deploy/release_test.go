package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// releases is what goreleaser is told, as far as the tree has to agree with it.
type releases struct {
	Version int
	Builds  []struct {
		Main, Binary                      string
		Env, Goos, Goarch, Flags, Ldflags []string
	}
	Archives []struct{ Files []string }
	Checksum struct{ Algorithm string }
	Dockers  []struct {
		Dockerfile string
		Platforms  []string
		Files      []string          `yaml:"extra_files"`
		Args       map[string]string `yaml:"build_args"`
	} `yaml:"dockers_v2"`
}

func release(t *testing.T) releases {
	t.Helper()
	text, err := os.ReadFile("../.goreleaser.yaml")
	require.NoError(t, err)
	var r releases
	require.NoError(t, yaml.Unmarshal(text, &r))
	require.Equal(t, 2, r.Version)
	require.Len(t, r.Builds, 1)
	require.Len(t, r.Dockers, 1)
	return r
}

// `make cross` builds what is released, and builds it in the same way.
func TestReleasesAreWhatMakeCrossBuilds(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^TARGETS := (.*)$`).FindSubmatch(makefile)
	require.NotNil(t, line)
	b := release(t).Builds[0]
	var released []string
	for _, system := range b.Goos {
		for _, processor := range b.Goarch {
			released = append(released, system+"/"+processor)
		}
	}
	require.ElementsMatch(t, strings.Fields(string(line[1])), released)
	require.Len(t, released, 6)
	require.Equal(t, []string{"CGO_ENABLED=0"}, b.Env)
	require.Equal(t, []string{"-trimpath"}, b.Flags)
	require.Contains(t, string(makefile), `CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w"`)
	require.Contains(t, b.Ldflags, "-s -w")
}

func TestReleasesSayWhatTheyAre(t *testing.T) {
	r := release(t)
	variables, err := os.ReadFile("../runtime/cli/version.go")
	require.NoError(t, err)
	require.Regexp(t, `(?m)^var release, commit, date = "", "", ""$`, string(variables))
	image, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	for name, arg := range map[string]string{"release": "VERSION", "commit": "COMMIT", "date": "DATE"} {
		flag := "-X github.com/tributary-search/tributary/runtime/cli." + name + "="
		require.Contains(t, strings.Join(r.Builds[0].Ldflags, "\n"), flag)
		require.Contains(t, string(image), flag+"$"+arg)
		require.NotEmpty(t, r.Dockers[0].Args[arg])
	}
}

// Whatever a release names is in the tree.
func TestFilesOfReleases(t *testing.T) {
	r := release(t)
	require.Equal(t, "sha256", r.Checksum.Algorithm)
	require.Equal(t, "deploy/Dockerfile", r.Dockers[0].Dockerfile)
	require.Equal(t, []string{"linux/amd64", "linux/arm64"}, r.Dockers[0].Platforms)
	require.Len(t, r.Archives, 1)
	require.Subset(t, r.Archives[0].Files, []string{"README.md", "LICENSE", "NOTICE", "config.yml"})
	for _, name := range append(append(r.Archives[0].Files, r.Dockers[0].Files...), r.Builds[0].Main) {
		_, err := os.Stat(filepath.Join("..", name))
		require.NoError(t, err)
	}
}
