package job_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// A fingerprint is stored, so it is the same however large the document is and
// however its bytes are hashed.
func TestFingerprintsOfLargeDocuments(t *testing.T) {
	for _, size := range []int{1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		d := connector.NewDocument("a")
		d.Set("text", strings.Repeat("x", size))
		d.Access = []string{"me"}
		base := job.FingerprintBase()
		input := append([]byte(nil), base[:]...)
		input = binary.BigEndian.AppendUint64(input, uint64(len(d.Fields())))
		input = append(append(input, d.Fields()...), 'c')
		input = append(binary.BigEndian.AppendUint64(input, 2), "me"...)
		sum := sha256.Sum256(input)
		require.Equal(t, "owner."+base64.RawURLEncoding.EncodeToString(sum[:16]), job.Fingerprint("owner", &d, size%7*10), size)
	}
}
