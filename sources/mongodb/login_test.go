package mongodb_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestARefusedLogin has the server refuse a password as MongoDB does, and as
// Atlas does: the answer names what to mend, repeats no secret, and is not asked
// for again and again, which would lock the user out.
func TestARefusedLogin(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]bson.D{
		"MongoDB": d("ok", 0.0, "errmsg", "Authentication failed.", "code", 18, "codeName", "AuthenticationFailed"),
		"Atlas":   d("ok", 0.0, "errmsg", "bad auth : authentication failed", "code", 8000, "codeName", "AtlasError"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct {
				more settings
				want string
			}{
				{settings{"user": "reader", "password": "hidden%1"}, "the server refuses the user reader or its password; check user and password; if the user is kept in another database than admin, name it with authSource"},
				{settings{"host": "mongodb://reader:hidden%251@HOST/?authSource=people"}, "the server refuses the user reader or its password; check user and password in the connection string (host); if the user is kept in another database than people"},
			} {
				s := serve(t, nil, func(name string, _ bson.Raw) bson.D {
					if name == "saslStart" {
						return answer
					}
					return d("ok", 1.0)
				})
				all := s.settings().with(c.more)
				all["host"] = strings.Replace(all["host"].(string), "HOST", s.listener.Addr().String(), 1)
				source := open(t, all)
				_, position := source.Position(t.Context())
				for action, err := range map[string]error{
					"ping": source.Ping(t.Context()), "check": source.ValidateConfig(t.Context()), "read": source.GetDocs(t.Context(), rules(""), nil), "position": position,
				} {
					require.ErrorContains(t, err, c.want, action)
					require.NotContains(t, err.Error(), "hidden", action)
				}
				require.LessOrEqual(t, len(s.commands("saslStart")), 2*4, "the driver's pool may try once more for a question")
			}
		})
	}
}
