package embedded

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// bucketKeys holds id → apiKey.
var bucketKeys = []byte("keys")

// apiKey is a key that a client made. Who has it may do everything, whatever its role_descriptors say.
type apiKey struct {
	Name   string `json:"name"`
	Secret string `json:"secret"` // SHA-256 in hex
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (n *Node) loadKeys(tx *bolt.Tx) error {
	b, err := tx.CreateBucketIfNotExists(bucketKeys)
	if err != nil {
		return err
	}
	return b.ForEach(func(id, raw []byte) error {
		var k apiKey
		if err := json.Unmarshal(raw, &k); err != nil {
			return fmt.Errorf("API key %s: %w", id, err)
		}
		n.keys[string(id)] = k
		return nil
	})
}

// knownKey reports whether what follows "ApiKey " is a key that was made here and not revoked.
func (n *Node) knownKey(encoded string) bool {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	id, secret, _ := strings.Cut(string(plain), ":")
	n.mu.RLock()
	k, known := n.keys[id]
	n.mu.RUnlock()
	return known && same(hashed(secret), k.Secret)
}

// createKey answers POST /_security/api_key.
func createKey(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	name, _ := o["name"].(string)
	if name == "" {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: api key name is required;")
	}
	if o["expiration"] != nil {
		return reply{}, unsupported("[expiration] of an API key")
	}
	id, secret := newUUID()[:20], newUUID()
	k := apiKey{Name: name, Secret: hashed(secret)}
	raw, err := json.Marshal(k)
	if err != nil {
		return reply{}, err
	}
	if err := c.node.write(0, func(w *writeTx) error { return w.tx.Bucket(bucketKeys).Put([]byte(id), raw) }); err != nil {
		return reply{}, err
	}
	c.node.mu.Lock()
	c.node.keys[id] = k
	c.node.mu.Unlock()
	return ok(map[string]any{
		"id": id, "name": name, "api_key": secret, "encoded": base64.StdEncoding.EncodeToString([]byte(id + ":" + secret)),
	})
}

// revokeKeys answers DELETE /_security/api_key by ids or name.
func revokeKeys(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	ids := texts(o["ids"])
	if id, isText := o["id"].(string); isText {
		ids = append(ids, id)
	}
	name, _ := o["name"].(string)
	if len(ids) == 0 && name == "" {
		return reply{}, fail(400, "action_request_validation_exception",
			"Validation Failed: 1: One of [api key id, api key name, username, realm name] must be specified if [owner] flag is false;")
	}
	gone := []string{}
	c.node.mu.RLock()
	for id, k := range c.node.keys {
		if slices.Contains(ids, id) || name != "" && k.Name == name {
			gone = append(gone, id)
		}
	}
	c.node.mu.RUnlock()
	err = c.node.write(0, func(w *writeTx) error {
		for _, id := range gone {
			if err := w.tx.Bucket(bucketKeys).Delete([]byte(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	c.node.mu.Lock()
	for _, id := range gone {
		delete(c.node.keys, id)
	}
	c.node.mu.Unlock()
	return ok(map[string]any{"invalidated_api_keys": gone, "previously_invalidated_api_keys": []string{}, "error_count": 0})
}
