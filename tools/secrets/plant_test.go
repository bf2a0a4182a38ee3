package secrets_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// letters of cores: what every escaping leaves alone.
const letters = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"

// garden knows the secrets that were planted, by where.
type garden struct {
	random *rand.Rand
	cores  map[string]string // core to place
}

func newGarden(t *testing.T) *garden {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &garden{rand.New(rand.NewPCG(seed, 0)), map[string]string{}}
}

// core is a text that is nowhere else.
func (g *garden) core(place string) string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = letters[g.random.IntN(len(letters))]
	}
	g.cores[string(b)] = place
	return string(b)
}

// word is a secret of letters alone.
func (g *garden) word(place string) string { return g.core(place) }

// key is a secret of what may stand in a header.
func (g *garden) key(place string) string { return g.core(place) + "_-" + g.core(place) + "==" }

// odd is a secret with what needs to be escaped somewhere, a core on either
// side of it.
func (g *garden) odd(place string) string {
	odd := []rune(`"'\%&@:/?#=+ $<>{}[]();,|~` + "`^äß€😀")
	middle := make([]rune, 1+g.random.IntN(6))
	for i := range middle {
		middle[i] = odd[g.random.IntN(len(odd))]
	}
	return g.core(place) + string(middle) + g.core(place)
}

// looks are the forms of a core that anybody could turn back into it.
func looks(core string) []string {
	forms := []string{core, hex.EncodeToString([]byte(core)), strings.ToUpper(hex.EncodeToString([]byte(core)))}
	for before, start := range []int{0, 2, 3} {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + core + "xx"))
		forms = append(forms, text[start:start+18])
	}
	return forms
}

// clean fails the test when a text holds a planted secret.
func (g *garden) clean(t *testing.T, where, text string) {
	t.Helper()
	for core, place := range g.cores {
		for _, form := range looks(core) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("the secret in %s is shown in %s: …%s…", place, where, text[max(0, at-200):min(len(text), at+len(form)+60)])
				break
			}
		}
	}
}

// TestTheGardenSees: a harness that finds nothing anywhere would pass.
func TestTheGardenSees(t *testing.T) {
	g := newGarden(t)
	secret := g.odd("a test")
	text, err := json.Marshal(map[string]string{"error": "login as u:" + secret})
	require.NoError(t, err)
	for _, shown := range []string{
		secret, fmt.Sprintf("%q", secret), string(text), fmt.Sprintf("%x", secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+secret)),
		base64.StdEncoding.EncodeToString([]byte("us:" + secret)),
	} {
		found := false
		for core := range g.cores {
			for _, form := range looks(core) {
				found = found || strings.Contains(shown, form)
			}
		}
		require.True(t, found, shown)
	}
	require.False(t, bytes.Contains([]byte("nothing"), []byte(secret)))
}
